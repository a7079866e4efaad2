package router

import (
	"slices"
	"strconv"
	"strings"

	"github.com/otklik/otklik/domain"
)

// Classes of attach keys, the surest first.
const (
	keyCopy   = "copy:"   // the same text, word for word, about the same municipality
	keyTwin   = "twin:"   // the same text, which names no place; nothing joins by it
	keyOrigin = "origin:" // a repost and what it repeats
	keyThread = "thread:" // one talk about one thing
	keyPlace  = "place:"  // one thing at one address
	keyTalk   = "talk:"   // one talk, for comments that lean on it
)

// Keys names the cases a post may belong to (see domain.Judged). A post that
// opens no case has none.
func (r *Router) Keys(j domain.Judged) []string {
	v := &j.Verdict
	if !r.opensCase(v) {
		return nil
	}
	var keys []string
	if v.Fingerprint != "" {
		keys = append(keys, copyKeys(v)...)
	}
	parts := j.Parts
	if len(parts) == 0 {
		parts = []domain.Post{j.Post}
	}
	var threads []domain.PostID
	for i := range parts {
		keys = add(keys, keyOrigin+origin(&parts[i]).String())
		threads = append(threads, threadsOf(&parts[i])...)
	}
	for _, t := range threads {
		keys = add(keys, keyThread+t.String()+":"+subject(v.Row, v.Topic))
	}
	if p := placeKey(v); p != "" {
		keys = append(keys, p)
	}
	keys = append(keys, likeKeys(v)...)
	for _, t := range threads {
		keys = add(keys, keyTalk+t.String())
	}
	return keys
}

// copyKeys: «нет воды во всём доме», copied from one town's wall to another's, is a
// problem of each, and only the source's home tells them apart. A text that names
// its place is taken for the same municipality wherever it is copied.
func copyKeys(v *domain.Verdict) []string {
	keys := []string{keyCopy + v.Fingerprint + "/" + v.Place.Municipality}
	if v.Place.Source == domain.PlaceHome || v.Place.Source == domain.PlaceNone {
		keys = append(keys, keyTwin+v.Fingerprint)
	}
	return keys
}

// add appends a key that is not there: the parts of an album share most of theirs.
func add(keys []string, key string) []string {
	if slices.Contains(keys, key) {
		return keys
	}
	return append(keys, key)
}

// origin is what a repost repeats; a post of its own is its own origin, so that
// both carry the same key.
func origin(p *domain.Post) domain.PostID {
	if !p.Origin.IsZero() {
		return p.Origin
	}
	return p.ID
}

// threadsOf are the posts under which the talk is; for that post, itself, so that
// the comments join what it complains of. The talk about a channel's post stands
// under its copy in the discussion group, and is named by the post or the copy.
func threadsOf(p *domain.Post) []domain.PostID {
	switch {
	case !p.Thread.IsZero():
		return []domain.PostID{p.Thread}
	case !p.Origin.IsZero():
		return []domain.PostID{p.ID.Root(), p.Origin.Root()}
	}
	return []domain.PostID{p.ID.Root()}
}

// subject is what a post is about, as far as cases are told apart by it: the
// row, the topic in ordinary order, or "0" when neither is known.
func subject(row int, topic string) string {
	if row == 0 && topic != "" {
		return topic
	}
	return strconv.Itoa(row)
}

// streetsOf is the street, or the two that meet, whichever is named first.
func streetsOf(p *domain.Place) string {
	if p.Crossing == "" {
		return p.Street
	}
	return min(p.Street, p.Crossing) + "+" + max(p.Street, p.Crossing)
}

// placeKey needs street and house, or two streets, which only a text names: anything vaguer would
// join different problems. The town may be that of the source.
func placeKey(v *domain.Verdict) string {
	p := &v.Place
	if p.Source != domain.PlaceText && (p.Source != domain.PlaceHome || p.Municipality == "") || p.Disputed || p.Street == "" || p.House == "" && p.Crossing == "" || v.Row == 0 && v.Topic == "" {
		return ""
	}
	parts := []string{p.Municipality, p.Settlement, streetsOf(p), p.House}
	for i := range parts {
		parts[i] = strings.ToLower(strings.ReplaceAll(parts[i], "/", "-"))
	}
	return keyPlace + subject(v.Row, v.Topic) + ":" + strings.Join(parts, "/")
}
