"""Functions of numbers, written as one would write them: every one is recorded, or refused at the line marked so."""


def gcd(a: int, b: int) -> int:
    """Find the greatest common divisor of {a} and {b}."""
    while b:
        a, b = b, a % b
    return a


def extended_gcd(a: int, b: int) -> tuple[int, int, int]:
    """Find the greatest common divisor of {a} and {b} with its coefficients."""
    x0, y0, x1, y1 = 1, 0, 0, 1
    while b != 0:
        q, (a, b) = a // b, (b, a % b)
        x0, x1 = x1, x0 - q * x1
        y0, y1 = y1, y0 - q * y1
    return a, x0, y0


def lcm(a: int, b: int) -> int:
    g = gcd(a, b)
    if g == 0:
        return 0
    return a // g * b


def collatz(n: int) -> int:
    """How many Collatz steps does {n} take?"""
    steps = 0
    while n > 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


def is_prime(n: int) -> bool:
    """Is {n} a prime number?"""
    if n < 2:
        return False
    d = 2
    while d * d <= n:
        if n % d == 0:
            return False
        d += 1
    return True


def factors(n: int) -> list[int]:
    """Factor {n}."""
    found = []
    d = 2
    while n > 1 and d <= n:
        while n % d == 0:
            found.append(d)
            n //= d
        d += 1
    return found


def digit_sum(n: int) -> int:
    total = 0
    while n > 0:
        n, digit = divmod(n, 10)
        total += digit
    return total


def digital_root(n: int) -> int:
    while n >= 10:
        n = digit_sum(n)
    return n


def reverse_number(n: int) -> int:
    result = 0
    while n:
        result = result * 10 + n % 10
        n //= 10
    return result


def is_palindrome_number(n: int) -> bool:
    return reverse_number(n) == n


def power_mod(base: int, exponent: int, modulus: int) -> int:
    """Compute {base} to the power of {exponent} modulo {modulus}."""
    result = 1
    base %= modulus
    while exponent:
        if exponent & 1:
            result = result * base % modulus
        exponent >>= 1
        base = base * base % modulus
    return result


def integer_root(n: int) -> int:
    low, high = 0, n + 1
    while high - low > 1:
        middle = (low + high) // 2
        if middle * middle <= n:
            low = middle
        else:
            high = middle
    return low


def binary(n: int) -> str:
    bits = []
    while n > 0:
        bits.append(str(n % 2))
        n //= 2
    if not bits:
        return "0"
    for i in range(len(bits) // 2):
        bits[i], bits[-1 - i + 0] = bits[len(bits) - 1 - i], bits[i]  # refused: the index counts from the end
    return f"{bits[0]}"


def fibonacci(n: int) -> int:
    a, b = 0, 1
    for _ in range(n % 20):
        a, b = b, a + b
    return a


def triangle(n: int) -> int:
    total = 0
    for i in range(1, n % 12 + 1):
        total += i
    else:
        total += 0
    return total


def perfect(n: int) -> bool:
    n = n % 40
    total = 0
    for d in range(1, n // 2 + 1):
        if n % d:
            continue
        total += d
    return total == n and n > 0


def count_down(n: int) -> int:
    last = -1
    for i in range(n % 10, 0, -2):
        last = i
    return last


def reversed_range(n: int) -> int:
    seen = 0
    for i in reversed(range(1, n % 9)):
        seen = seen * 2 + i
    return seen


def loop_variable_changes(n: int) -> int:
    total = 0
    for i in range(5):
        i = i * 2
        total += i
        n = i
    return total + n


def chained(a: int, b: int) -> int:
    """Compare {a} and {b}."""
    if 0 < a < b <= 50:
        return 1
    elif a == b or not (a > b):
        return 2
    return 3 if a > 2 * b else 4


def middle_of_three(a: int, b: int, c: int) -> int:
    return max(min(a, b), min(max(a, b), c))


def leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def ackermann(m: int, n: int) -> int:
    m, n = m % 3, n % 3
    return ackermann_of(m, n)


def ackermann_of(m: int, n: int) -> int:
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann_of(m - 1, 1)
    return ackermann_of(m - 1, ackermann_of(m, n - 1))


def while_else(n: int) -> int:
    d = 2
    while d < n % 50:
        if n % d == 0:
            break
        d += 1
    else:
        return -1
    return d


def two_on_a_line(a: int, b: int) -> int:
    x = a; y = b  # noqa: E702
    if x > y: x = y  # noqa: E701
    return x + y


def with_defaults(a: int, b: int) -> int:
    return scaled(a) + scaled(b, 3) + scaled(by=2, value=a)


def scaled(value: int, by: int = 10) -> int:
    return value * by
