package classify

import (
	"slices"
	"strings"

	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/classify/text"
)

// Hints tells a model what the phrases of the pack say of a text: for every topic
// how much its phrases weigh and how like the text is to its sentences, for every
// group of topics («roads») the same of its strongest. It is safe for concurrent use.
type Hints struct {
	classifier *Classifier
	likes      []string // names by topic
	groups     []string
	group      []int // by topic
}

// HintsOf are the hints of a compiled pack.
func HintsOf(c *Classifier) Hints {
	h := Hints{classifier: c, group: make([]int, len(c.topics))}
	for i := range c.topics {
		h.likes = append(h.likes, "~"+c.topics[i].id)
		name, _, _ := strings.Cut(c.topics[i].id, ".")
		if h.group[i] = slices.Index(h.groups, name); h.group[i] < 0 {
			h.group[i] = len(h.groups)
			h.groups = append(h.groups, name)
		}
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

// Append implements model.Hinter.
func (h Hints) Append(dst []model.Hint, doc *text.Doc) []model.Hint {
	c := h.classifier
	s := c.scratch.Get().(*scratch)
	defer c.scratch.Put(s)
	c.places.Scan(&s.place, doc)
	c.matched(s, doc)
	return h.of(dst, s.match, s.likeness)
}

// of gives the hints of a text that was matched; likeness by topic, nil without.
func (h Hints) of(dst []model.Hint, m *match, likeness []float64) []model.Hint {
	c := h.classifier
	strongest := make([]float64, len(h.groups))
	for i := range c.topics {
		id := c.topics[i].id
		if p := min(m.total(groupID(i)), hintMost) / hintFull; p > 0 {
			dst = append(dst, model.Hint{Name: id, Value: float32(p)})
			strongest[h.group[i]] = max(strongest[h.group[i]], p)
		}
		if likeness != nil && likeness[i] > likeLeast {
			dst = append(dst, model.Hint{Name: h.likes[i], Value: float32(likeness[i] / likeFull)})
		}
	}
	for i, p := range strongest {
		if p > 0 {
			dst = append(dst, model.Hint{Name: h.groups[i], Value: float32(p)})
		}
	}
	return dst
}
