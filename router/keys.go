package router

import (
	"strconv"
	"strings"

	"github.com/otklik/otklik/domain"
)

// Classes of attach keys, the surest first.
const (
	keyCopy   = "copy:"   // the same text, word for word
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
		keys = append(keys, keyCopy+v.Fingerprint)
	}
	keys = append(keys, keyOrigin+origin(&j.Post).String())
	keys = append(keys, keyThread+thread(&j.Post).String()+":"+subject(v.Row, v.Topic))
	if p := placeKey(v); p != "" {
		keys = append(keys, p)
	}
	return append(keys, keyTalk+thread(&j.Post).String())
}

// origin is what a repost repeats; a post of its own is its own origin, so that
// both carry the same key.
func origin(p *domain.Post) domain.PostID {
	if !p.Origin.IsZero() {
		return p.Origin
	}
	return p.ID
}

// thread is the post under which the talk is; for that post, itself, so that
// the comments join what it complains of.
func thread(p *domain.Post) domain.PostID {
	if !p.Thread.IsZero() {
		return p.Thread
	}
	return p.ID.Root()
}

// subject is what a post is about, as far as cases are told apart by it: the
// row, the topic in ordinary order, or "0" when neither is known.
func subject(row int, topic string) string {
	if row == 0 && topic != "" {
		return topic
	}
	return strconv.Itoa(row)
}

// placeKey needs street and house out of the text: anything vaguer would join
// different problems.
func placeKey(v *domain.Verdict) string {
	p := &v.Place
	if p.Source != domain.PlaceText || p.Street == "" || p.House == "" || v.Row == 0 && v.Topic == "" {
		return ""
	}
	parts := []string{p.Municipality, p.Settlement, p.Street, p.House}
	for i := range parts {
		parts[i] = strings.ToLower(strings.ReplaceAll(parts[i], "/", "-"))
	}
	return keyPlace + subject(v.Row, v.Topic) + ":" + strings.Join(parts, "/")
}
