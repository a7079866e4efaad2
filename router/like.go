package router

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
)

// The same problem told in other words: same row, same place, close in time, and
// nothing that sets the two apart. Keys by which the like is found, the surest
// place first. The print of the post is kept beside them (domain.KeyLike).
const (
	keyLikeStreet = domain.KeyLike + "street:" // a subject in one street
	keyLikeTown   = domain.KeyLike + "town:"   // in one settlement that is no street
	keyLikeNamed  = domain.KeyLike + "named:"  // in one municipality, of what a number names
	keyLikeWord   = domain.KeyLike + "word:"   // in one municipality, with a rare word in common
)

// How close the like must be. Chosen on one half of router/testdata (docs/accuracy.md).
const (
	sameWithin   = 48 * time.Hour     // joined by itself
	likeWithin   = 7 * 24 * time.Hour // offered
	leastPlace   = 0.03               // at one address
	sureStreet   = 0.20               // likeness from which the same street's is the same
	sureTown     = 0.30
	sureWord     = 0.55
	sureNamed    = 0.25 // in one municipality, of one school, route, clinic
	offerStreet  = domain.LikeLeast
	offerTown    = 0.16
	offerWord    = 0.30
	offerNamed   = 0.14
	otherTopic   = 0.15 // more is asked where the topics of one row differ
	mostOffered  = 3
	mostLikeKeys = 2
	likeWords    = 2 // rare words that make keys
)

// likeKeys find what tells the same in other words. A text that names a street or a
// settlement is looked for there; another by its rarest words.
func likeKeys(v *domain.Verdict) []string {
	p := &v.Place
	if v.Print.IsZero() || p.Disputed || p.Source == domain.PlaceElsewhere || v.Row == 0 && v.Topic == "" {
		return nil
	}
	about := subject(v.Row, v.Topic) + ":" + strings.ToLower(p.Municipality+"/"+p.Settlement)
	switch {
	case p.Municipality == "":
		return nil
	case p.Street != "":
		return []string{keyLikeStreet + about + "/" + strings.ToLower(streetsOf(p))}
	case p.Source == domain.PlaceText && p.Settlement != "" && len(v.Print.Marks) == 0:
		return []string{keyLikeTown + about}
	}
	var keys []string
	for _, m := range v.Print.Marks {
		if m.One() {
			keys = append(keys, fmt.Sprintf("%s%s:%s/%x=%x", keyLikeNamed, subject(v.Row, v.Topic), p.Municipality, m.Of, m.Is))
		}
	}
	if p.Source == domain.PlaceText && p.Settlement != "" {
		keys = append(keys, keyLikeTown+about)
	}
	for _, w := range rarest(v.Print.Words) {
		keys = append(keys, fmt.Sprintf("%s%s:%s/%x", keyLikeWord, subject(v.Row, v.Topic), p.Municipality, w.Hash))
	}
	return keys[:min(mostLikeKeys, len(keys))]
}

func rarest(words []domain.PrintWord) []domain.PrintWord {
	list := slices.Clone(words)
	slices.SortFunc(list, func(a, b domain.PrintWord) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Hash, b.Hash))
	})
	return list[:min(likeWords, len(list))]
}

// kinship is how sure it is that a post and a case are about one problem.
type kinship int

const (
	strangers kinship = iota
	maybeSame
	surelySame
)

// alike judges a post and an open case by their prints.
func (r *Router) alike(j *domain.Judged, c *domain.OpenCase) (kinship, float64) {
	v := &j.Verdict
	if v.Row != c.Row || v.Row == 0 && v.Topic != c.Topic || !sameTerritory(v, c) || !c.State.Open() {
		return strangers, 0
	}
	mine := j.Print()
	best, likeness := strangers, 0.0
	if shares(j.Keys, c.Keys, keyPlace) {
		best, likeness = r.atOnePlace(j, c)
	}
	for key, theirs := range c.Prints {
		if !slices.Contains(j.Keys, key) {
			continue
		}
		k, l := kin(&mine, &theirs, key, v.Topic != c.Topic)
		if k > best || k == best && l > likeness {
			best, likeness = k, l
		}
	}
	// What was answered may have come again: a person sees whether it has.
	if c.State == domain.Satisfaction {
		best = min(best, maybeSame)
	}
	return best, likeness
}

// atOnePlace judges a post and a case of one address: another entrance, the opposite
// complaint, or nothing in common is for a person to see.
func (r *Router) atOnePlace(j *domain.Judged, c *domain.OpenCase) (kinship, float64) {
	mine := j.Print()
	for key, theirs := range c.Prints {
		if !strings.HasPrefix(key, keyLikeStreet) || !slices.Contains(j.Keys, key) {
			continue
		}
		likeness := likenessOf(&mine, &theirs)
		if mine.Compare(&theirs).Against > 0 || likeness < leastPlace {
			return maybeSame, likeness
		}
	}
	return surelySame, 1
}

// kin judges two prints that share a key.
func kin(mine, theirs *domain.Print, key string, otherTopics bool) (kinship, float64) {
	apart := mine.At.Sub(theirs.At).Abs()
	if mine.At.IsZero() || theirs.At.IsZero() || apart > likeWithin {
		return strangers, 0
	}
	// Where only words bind two texts, a rare word of each that the other lacks may be
	// the name of its place.
	named := !strings.HasPrefix(key, keyLikeWord) || mine.Left(theirs) < rareWord || theirs.Left(mine) < rareWord
	likeness := likenessOf(mine, theirs)
	marks := mine.Compare(theirs)
	sure, offer := sureWord, offerWord
	switch {
	case strings.HasPrefix(key, keyLikeStreet):
		sure, offer = sureStreet, offerStreet
	case strings.HasPrefix(key, keyLikeTown):
		sure, offer = sureTown, offerTown
	case strings.HasPrefix(key, keyLikeNamed):
		sure, offer = sureNamed, offerNamed
	}
	if otherTopics {
		sure += otherTopic
	}
	switch {
	case marks.Against > 0 || likeness < offer:
		return strangers, likeness
	case apart > sameWithin || marks.Alone > 0 || likeness < sure || !named:
		return maybeSame, likeness
	}
	return surelySame, likeness
}

// rareWord is the weight from which a word may be a name.
const rareWord = 180

// withinShare is what a short text's being held by a longer one counts for.
const withinShare = 0.6

func likenessOf(mine, theirs *domain.Print) float64 {
	return math.Max(mine.Likeness(theirs), mine.Within(theirs)*withinShare)
}

// relative is an open case that a post may be about.
type relative struct {
	open     *domain.OpenCase
	how      kinship
	likeness float64
}

// kindred compares a post with the open cases; strangers are left out.
func (r *Router) kindred(j *domain.Judged, open []domain.OpenCase) []relative {
	var out []relative
	for i := range open {
		if k, likeness := r.alike(j, &open[i]); k != strangers {
			out = append(out, relative{&open[i], k, likeness})
		}
	}
	return out
}

// surest is the case that a post surely tells of in other words, nil for none: the
// likest, and of equals the one registered first.
func surest(kin []relative) *domain.OpenCase {
	var found *domain.OpenCase
	best := 0.0
	for _, k := range kin {
		if k.how == surelySame && (found == nil || k.likeness > best || k.likeness == best && earlier(k.open, found)) {
			found, best = k.open, k.likeness
		}
	}
	return found
}

// likely lists the cases a post may be about, the likest first.
func likely(kin []relative) []domain.Likely {
	var out []domain.Likely
	for _, k := range kin {
		out = append(out, domain.Likely{CaseID: k.open.ID, Likeness: k.likeness})
	}
	slices.SortFunc(out, func(a, b domain.Likely) int {
		return cmp.Or(cmp.Compare(b.Likeness, a.Likeness), cmp.Compare(a.CaseID, b.CaseID))
	})
	return out[:min(mostOffered, len(out))]
}
