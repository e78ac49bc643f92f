"""Random integers that are the same on every machine and in every version of Python."""

MASK = (1 << 64) - 1


class Dice:
    """SplitMix64. Source: Steele, Lea, Flood: Fast splittable pseudorandom number generators (2014)."""

    def __init__(self, seed):
        self.state = seed & MASK

    def bits(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        mixed = self.state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
        return mixed ^ (mixed >> 31)

    def below(self, end):
        """0 to end - 1; the bias of the remainder is below 2^-40 for what is asked here."""
        return self.bits() % end

    def between(self, low, high):
        """Both ends inclusive."""
        return low + self.below(high - low + 1)

    def chance(self, part, whole):
        return self.below(whole) < part

    def pick(self, choices):
        return choices[self.below(len(choices))]

    def weighted(self, choices):
        """One of (weight, value) by weight."""
        left = self.below(sum(weight for weight, _ in choices))
        for weight, value in choices:
            if left < weight:
                return value
            left -= weight
        raise AssertionError("below() stays below the sum")

    def shuffle(self, items):
        for last in range(len(items) - 1, 0, -1):
            other = self.below(last + 1)
            items[last], items[other] = items[other], items[last]
