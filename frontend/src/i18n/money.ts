/** An amount of US dollars: to the cent, or to a tenth of one where it is little. */
export function dollars(amount: number, language: string): string {
  const digits = amount > 0 && amount < 0.1 ? 4 : 2;
  return new Intl.NumberFormat(language, {
    style: "currency",
    currency: "USD",
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(amount);
}
