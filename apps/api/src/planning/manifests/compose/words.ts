/** A command that is one text, split into words as a shell does it, without anything that only a shell could carry out. Null: a quote is open. */
export function splitWords(text: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < text.length; at++) {
    const sign = text.charAt(at);
    if (sign === "'" || sign === '"') {
      const end = endOfQuote(text, at);
      if (end < 0) return null;
      const inside = text.slice(at + 1, end);
      word = (word ?? '') + (sign === '"' ? inside.replace(/\\([\\"$`\n])/g, '$1') : inside);
      at = end;
    } else if (sign === '\\' && at + 1 < text.length) word = (word ?? '') + text.charAt(++at);
    else if (/\s/.test(sign)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + sign;
  }
  if (word !== null) words.push(word);
  return words;
}

function endOfQuote(text: string, at: number): number {
  const quote = text.charAt(at);
  for (let end = at + 1; end < text.length; end++) {
    if (quote === '"' && text[end] === '\\') end++;
    else if (text[end] === quote) return end;
  }
  return -1;
}
