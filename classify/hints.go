package classify

import (
	"cmp"
	"slices"
	"strings"

	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/rules"
)

// Hints tells a model what the phrases of the pack say of a text: for every topic
// how much its phrases weigh and how like the text is to its sentences, for every
// group of topics («roads») the same of its strongest. It is safe for concurrent use.
type Hints struct {
	classifier *Classifier
	named      []model.Hint // in the order of their ids, without values
	places     []int        // among them: of the topics' phrases, their likeness, the groups
	groups     int          // how many
	group      []int        // by topic
}

// HintsOf are the hints of a compiled pack.
func HintsOf(c *Classifier) Hints {
	h := Hints{classifier: c, group: make([]int, len(c.topics))}
	var names, likes, groups []string
	for i := range c.topics {
		names, likes = append(names, c.topics[i].id), append(likes, "~"+c.topics[i].id)
		name, _, _ := strings.Cut(c.topics[i].id, ".")
		if h.group[i] = slices.Index(groups, name); h.group[i] < 0 {
			h.group[i] = len(groups)
			groups = append(groups, name)
		}
	}
	h.groups = len(groups)
	all := slices.Concat(names, likes, groups)
	order := make([]int, len(all))
	hints := make([]model.Hint, len(all))
	for i, name := range all {
		order[i], hints[i] = i, model.Hint{Name: name}
		hints[i].ID() // known from here on
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(hints[a].ID(), hints[b].ID()) })
	h.named, h.places = make([]model.Hint, len(all)), make([]int, len(all))
	for place, i := range order {
		h.named[place], h.places[i] = hints[i], place
	}
	return h
}

// Scales of the hints: a phrase of weight 3 is unmistakable, a likeness of a third
// is that of the same thing in other words.
const (
	hintFull  = 3.0
	hintMost  = 6.0 // what comes above says no more
	likeFull  = 1.0 / 3
	likeLeast = 0.02
)

// Pack implements model.PackHinter.
func (h Hints) Pack() model.Pack { return PackOf(h.classifier.pack) }

// PackOf names a pack as the source of hints.
func PackOf(pack *rules.Pack) model.Pack {
	return model.Pack{Region: pack.Region.ID, Hash: pack.Hash}
}

// WithPlaces are the hints together with the place that the pack finds in a text.
func (h Hints) WithPlaces() model.Hinter { return placedHints{h} }

// placedHints tell of places too: municipality, settlement and street, for a model of
// bodies. It crosses none with what the text is about: that gave nothing (docs/models.md).
type placedHints struct{ Hints }

// placeHint is how much a place counts beside the phrases, by trials on held-out folds
// (docs/models.md).
const placeHint = 3

// Append implements model.Hinter.
func (h placedHints) Append(dst []model.Hint, doc *text.Doc) []model.Hint {
	c := h.classifier
	s := c.scratch.Get().(*scratch)
	defer c.scratch.Put(s)
	c.places.Scan(&s.place, doc)
	c.matched(s, doc)
	dst = h.of(dst, s)
	found, _ := c.places.Resolve(&s.place, "", nil)
	for i, name := range []string{found.Municipality, found.Settlement, found.Street} {
		if name != "" {
			dst = append(dst, model.Hint{Name: placeSigns[i:i+1] + name, Value: placeHint})
		}
	}
	return dst
}

// placeSigns keep the places apart from topics and from one another.
const placeSigns = "@#/"

// Append implements model.Hinter.
func (h Hints) Append(dst []model.Hint, doc *text.Doc) []model.Hint {
	c := h.classifier
	s := c.scratch.Get().(*scratch)
	defer c.scratch.Put(s)
	c.places.Scan(&s.place, doc)
	c.matched(s, doc)
	return h.of(dst, s)
}

// of gives the hints of a text that was matched, in the order of their ids.
func (h Hints) of(dst []model.Hint, s *scratch) []model.Hint {
	c := h.classifier
	topics := len(c.topics)
	if s.hinted == nil {
		s.hinted = make([]float32, len(h.named))
	}
	clear(s.hinted)
	strongest := s.strongest[:0]
	for range h.groups {
		strongest = append(strongest, 0)
	}
	s.strongest = strongest
	for i := range c.topics {
		if p := min(s.match.total(groupID(i)), hintMost) / hintFull; p > 0 {
			s.hinted[h.places[i]] = float32(p)
			strongest[h.group[i]] = max(strongest[h.group[i]], p)
		}
		if s.likeness != nil && s.likeness[i] > likeLeast {
			s.hinted[h.places[topics+i]] = float32(s.likeness[i] / likeFull)
		}
	}
	for i, p := range strongest {
		s.hinted[h.places[2*topics+i]] = float32(p)
	}
	for place, value := range s.hinted {
		if value > 0 {
			hint := h.named[place]
			hint.Value = value
			dst = append(dst, hint)
		}
	}
	return dst
}
