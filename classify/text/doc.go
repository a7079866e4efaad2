// Package text turns what people write on social networks into words that can
// be compared: HTML, mentions, look-alike letters, emoji and links are taken
// out, words are stemmed, sentences found. Nothing is lost on the way: each
// token keeps its rune span in the text as it was given.
package text
