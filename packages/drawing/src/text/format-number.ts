/** A number with a true minus sign; "n/a" for NaN, "∞" for the infinities, powers of ten where digits would fill the line. */
export function formatNumber(value: number, decimals = 3): string {
  if (Number.isNaN(value)) return "n/a";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  // With its one decimal 999999.97 would be rounded up to seven digits.
  if (size !== 0 && (size >= 999_999.95 || size < 10 ** -decimals / 2)) {
    const [mantissa, exponent] = value.toExponential(1).split("e") as [string, string];
    return `${minus(mantissa)}e${minus(exponent.replace("+", ""))}`;
  }
  return minus(value.toFixed(size >= 1000 ? Math.min(decimals, 1) : decimals));
}

/** The same with a plus sign in front of what is above zero; zero has no sign. */
export function formatSigned(value: number, decimals = 3): string {
  const text = formatNumber(value, decimals);
  return value > 0 ? `+${text}` : text;
}

/** A share of 0..1 in percent with one decimal, never rounded to 100 % while it is below. */
export function formatPercent(value: number): string {
  if (!Number.isFinite(value)) return formatNumber(value);
  const percent = value < 1 && value > 0.999 ? Math.min(99.9, value * 100) : value * 100;
  return `${minus(percent.toFixed(1))}%`;
}

/** A difference of shares in percentage points. */
export function formatPoints(value: number): string {
  if (!Number.isFinite(value)) return formatNumber(value);
  const text = minus((value * 100).toFixed(1));
  return `${value > 0 ? "+" : ""}${text === "−0.0" ? "0.0" : text}`;
}

/** Fewer decimals where they would be zeros: for ticks and agents' metrics. */
export function formatShort(value: number): string {
  if (!Number.isFinite(value)) return formatNumber(value);
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3) return formatNumber(value, 3);
  return minus(String(Number(value.toPrecision(4))));
}

function minus(text: string): string {
  return text.replace("-", "−");
}
