// The time match: days, times of day, dates.
#include "parse/NormalPrinter.h"
#include "parse/Values.h"
#include "llvm/ADT/StringExtras.h"
#include <fmt/format.h>

namespace iptlint::parse::normal {

constexpr uint32_t kAllMonthDays = 0xfffffffe, kAllWeekDays = 0xfe;

/// `hh:mm` or `hh:mm:ss`
static Text timeOfDay(llvm::StringRef text) {
  llvm::SmallVector<llvm::StringRef, 3> parts;
  text.split(parts, ':');
  unsigned fields[3] = {};
  if (parts.size() < 2 || parts.size() > 3)
    return std::nullopt;
  for (size_t i = 0; i != parts.size(); ++i)
    if (parts[i].getAsInteger(10, fields[i]) || fields[i] > (i == 0 ? 23u : 59u))
      return std::nullopt;
  return fmt::format("{:02}:{:02}:{:02}", fields[0], fields[1], fields[2]);
}

static bool addTimes(Printer &printer) {
  Text start = timeOfDay(printer.value("timestart", "00:00")), stop = timeOfDay(printer.value("timestop", "23:59:59"));
  if (!start || !stop)
    return false;
  if (*start == "00:00:00" && *stop == "23:59:59")
    return true;
  printer.add("timestart", *start);
  printer.add("timestop", *stop);
  return true;
}

static std::optional<uint32_t> dayOfWeek(llvm::StringRef text) {
  static constexpr llvm::StringLiteral names[] = {"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"};
  for (unsigned i = 0; i != std::size(names); ++i)
    if (text.startswith(names[i]))
      return i + 1;
  auto number = parseNumber(text, 7);
  return number && *number != 0 ? std::optional(uint32_t(*number)) : std::nullopt;
}

static std::optional<uint32_t> dayOfMonth(llvm::StringRef text) {
  auto number = parseNumber(text, 31);
  return number ? std::optional(uint32_t(*number)) : std::nullopt;
}

/// The days of an option as bits; \p all where there is none. A `!` turns them over.
static std::optional<uint32_t> daysOf(const Printer &printer, llvm::StringRef name, uint32_t all,
                                      std::optional<uint32_t> (*day)(llvm::StringRef)) {
  if (!printer.has(name))
    return all;
  llvm::SmallVector<llvm::StringRef, 8> members;
  printer.value(name).split(members, ',');
  uint32_t days = 0;
  for (llvm::StringRef member : members) {
    auto number = day(member);
    if (!number)
      return std::nullopt;
    days |= 1u << *number;
  }
  return printer.negated(name) ? days ^ all : days;
}

static std::string monthDayText(unsigned day) {
  return fmt::format("{}", day);
}
static std::string weekDayText(unsigned day) {
  static constexpr const char *names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  return names[day - 1];
}

static void addDays(Printer &printer, llvm::StringRef name, uint32_t days, std::string (*text)(unsigned)) {
  std::string out;
  for (unsigned day = 1; day != 32; ++day)
    if (days >> day & 1)
      out += (out.empty() ? "" : ",") + text(day);
  printer.add(name, out);
}

/// `YYYY[-MM[-DD[Thh[:mm[:ss]]]]]` written out; nothing for a day that the month does not have.
static Text dateText(llvm::StringRef text) {
  static constexpr unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  unsigned fields[6] = {1970, 1, 1, 0, 0, 0};
  llvm::StringRef separators = "--T::";
  for (unsigned i = 0; !text.empty(); ++i) {
    llvm::StringRef digits = text.take_while(llvm::isDigit);
    text = text.drop_front(digits.size());
    if (i == 6 || digits.getAsInteger(10, fields[i]) || (!text.empty() && (i == 5 || text[0] != separators[i])))
      return std::nullopt;
    text = text.drop_front(!text.empty());
  }
  bool leap = fields[0] % 4 == 0; // 1970 to 2038 hold no century that is none
  bool fits = fields[0] >= 1970 && fields[0] <= 2038 && fields[1] >= 1 && fields[1] <= 12 && fields[2] >= 1 &&
              fields[2] <= days[fields[1] - 1] + (leap && fields[1] == 2) && fields[3] < 24 && fields[4] < 60 &&
              fields[5] < 60;
  if (!fits)
    return std::nullopt;
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", fields[0], fields[1], fields[2], fields[3], fields[4],
                     fields[5]);
}

/// Where the rule names no last date the program prints the last one that the kernel can hold.
static bool addDates(Printer &printer) {
  Text start = dateText(printer.value("datestart", "1970")),
       stop = dateText(printer.value("datestop", "2038-01-19T03:14:07"));
  if (!start || !stop)
    return false;
  if (*start != "1970-01-01T00:00:00")
    printer.add("datestart", *start);
  printer.add("datestop", *stop);
  return true;
}

bool printTime(Printer &printer) {
  auto monthDays = daysOf(printer, "monthdays", kAllMonthDays, dayOfMonth);
  auto weekDays = daysOf(printer, "weekdays", kAllWeekDays, dayOfWeek);
  if (!addTimes(printer) || !monthDays || !weekDays)
    return false;
  if (*monthDays != kAllMonthDays)
    addDays(printer, "monthdays", *monthDays, monthDayText);
  if (*weekDays != kAllWeekDays)
    addDays(printer, "weekdays", *weekDays, weekDayText);
  if (!addDates(printer))
    return false;
  if (printer.has("kerneltz"))
    printer.add("kerneltz");
  if (printer.has("contiguous"))
    printer.add("contiguous");
  return true;
}

} // namespace iptlint::parse::normal
