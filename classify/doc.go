// Package classify judges one post: what kind it is (problem, thanks, other),
// whether it is urgent, which row of the region's decree it belongs to and
// where the problem is, with the evidence for all of it.
//
// The way of a text:
//
//	text.Analyze   original → normalised text → tokens and sentences; every
//	               token knows its rune span in the original
//	lexicon        word → slots of the phrase grammar it fills (stem, prefix,
//	               exact form)
//	matcher        slots → terms → phrases → score of each group (a topic, a
//	               kind signal, an urgent danger)
//	Judge          scores → Verdict
//
// A Classifier is immutable and safe for concurrent use. Judging uses no clock,
// no network and no store: the same post and pack always give the same Verdict.
package classify
