/** Every text in a history or another of Temporal's answers, those inside payloads decoded, one a line. */
export function textsOf(answer: unknown): string {
  const texts: string[] = [];
  const walk = (value: unknown): void => {
    if (value instanceof Uint8Array) texts.push(Buffer.from(value).toString('utf8'));
    else if (typeof value === 'string') texts.push(value);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) {
        texts.push(name);
        walk(inner);
      }
    }
  };
  walk(answer);
  return texts.join('\n');
}
