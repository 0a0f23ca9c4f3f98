"""Functions of strings and dictionaries."""

VOWELS = "aeiou"
VALUES = {"a": 1, "b": 5, "c": 10}


def count_vowels(s: str) -> int:
    """How many vowels has {s}?"""
    count = 0
    for c in s:
        if c in VOWELS:
            count += 1
    return count


def is_palindrome(s: str) -> bool:
    i, j = 0, len(s) - 1
    while i < j:
        if s[i] != s[j]:
            return False
        i += 1
        j -= 1
    return True


def hamming(s: str, t: str) -> int:
    different = 0
    for a, b in zip(s, t):
        different += a != b
    return different


def longest_run(s: str) -> int:
    best = run = 1
    for i in range(1, len(s)):
        run = run + 1 if s[i] == s[i - 1] else 1
        best = max(best, run)
    return best


def counts(s: str) -> dict[str, int]:
    seen = {}
    for c in s:
        seen[c] = seen.get(c, 0) + 1
    return seen


def most_common(s: str) -> str:
    seen = {}
    for c in s:
        if c in seen:
            seen[c] += 1
        else:
            seen[c] = 1
    best, often = "", 0
    for c in seen:
        if seen[c] > often:
            best, often = c, seen[c]
    return best


def first_unique(s: str) -> int:
    seen = {}
    for c in s:
        seen[c] = 1 if c not in seen else 2
    for i, c in enumerate(s):
        if seen[c] == 1:
            return i
    return -1


def distinct(s: str) -> int:
    seen = set()
    for c in s:
        seen.add(c)
    return len(seen)


def first_repeated(s: str) -> str:
    seen = set()
    for c in s:
        if c in seen:
            return c
        seen.add(c)
    return "none"


def caesar(s: str, k: int) -> list[str]:
    out = []
    for c in s:
        out.append(chr((ord(c) - ord("a") + k) % 26 + 97))
    return out


def balanced(s: str) -> bool:
    pairs = {"b": "a", "d": "c"}
    waiting = []
    for c in s:
        if c in ("a", "c"):
            waiting.append(c)
        elif c in pairs:
            if not waiting or waiting[-1] != pairs[c]:
                return False
            waiting.pop()
    return len(waiting) == 0


def value_of(s: str) -> int:
    total = 0
    for c in s:
        if c in VALUES:
            total += VALUES[c]
    return total


def run_lengths(s: str) -> list[str]:
    out = []
    count = 1
    for i in range(1, len(s) + 1):
        if i < len(s) and s[i] == s[i - 1]:
            count += 1
        else:
            out.append(f"{s[i - 1]}{count:02d}")
            count = 1
    return out


def anagram(s: str, t: str) -> bool:
    count = {}
    for c in s:
        count[c] = count.get(c, 0) + 1
    for c in t:
        if count.get(c, 0) == 0:
            return False
        count[c] -= 1
    return len(s) == len(t)


def uppercase_ends(s: str) -> str:
    return s[0].upper() + s[-1].upper()


def letters_of_words(words: list[str]) -> int:
    count = 0
    for word in words:
        for c in word:
            if c.isalpha() and c != "a":
                count += 1
    return count


def bracket_depth(s: str) -> int:
    closing = {"}": "{", ")": "("}
    depth = best = 0
    for c in s:
        if c < "m":
            depth += 1
        elif depth and "}" in closing:
            depth -= 1
        best = max(best, depth)
    return best
