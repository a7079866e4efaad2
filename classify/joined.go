package classify

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/domain"
)

// Why a model cannot stand beside the phrases of a pack.
var (
	ErrOtherColumn = errors.New("the model has learned something else")
	ErrUnknownRow  = errors.New("the model knows a row that the pack has not")
	ErrUnknownKind = errors.New("the model knows a kind of message that there is not")
)

// rowModel is a model of decree rows beside the phrases.
type rowModel struct {
	model *model.Model
	rows  map[string]int // by label
	label map[int]string
	seen  map[int]int // examples
}

// OfRows and OfKinds tell by the column what a model has learned.
func OfRows(m *model.Model) bool {
	return m.Head.Column == "row" || strings.HasSuffix(m.Head.Column, "_rows")
}

// OfKinds is OfRows for the kinds of messages.
func OfKinds(m *model.Model) bool { return m.Head.Column == "kind" }

// newRowModel checks that every label is a row of the pack, or «-» for ordinary order.
func newRowModel(m *model.Model, known func(row int) bool) (*rowModel, error) {
	if c := m.Head.Column; !OfRows(m) {
		return nil, fmt.Errorf("%w: its column is %q", ErrOtherColumn, c)
	}
	r := &rowModel{model: m, rows: map[string]int{}, label: map[int]string{}, seen: map[int]int{}}
	for i, label := range m.Labels() {
		row, err := strconv.Atoi(label)
		if label == "-" {
			row, err = 0, nil
		}
		if err != nil || row != 0 && !known(row) {
			return nil, fmt.Errorf("%w: %q", ErrUnknownRow, label)
		}
		r.rows[label], r.label[row] = row, label
		if i < len(m.Head.Counts) {
			r.seen[row] = m.Head.Counts[i]
		}
	}
	return r, nil
}

// modelShare is what the model counts for beside the phrases in a row it has seen
// often; with fewer examples it counts less, half of it at fewSeen. Both were chosen
// on held-out folds (docs/models.md).
const (
	modelShare = 0.85
	fewSeen    = 2
)

// strangeShare is what the phrases count for in a row of which the model has seen no
// example: such a row is named where the model is sure of nothing.
const strangeShare = 0.3

// share is what the model counts for in a row.
func (r *rowModel) share(row int) float64 {
	if _, known := r.label[row]; known {
		n := float64(r.seen[row])
		return modelShare * n / (n + fewSeen)
	}
	return 1 - strangeShare
}

// joinedRow is what both say of a row.
type joinedRow struct {
	row     int
	topic   int // the phrases' best of the row, -1 for none
	phrases float64
	model   float64
	share   float64 // of the model
}

func (j joinedRow) confidence() float64 { return j.share*j.model + (1-j.share)*j.phrases }

// joinRows puts what the model says beside what the phrases say, best first.
func (c *Classifier) joinRows(s *scratch, doc *text.Doc, ranked []candidate) []joinedRow {
	var list []joinedRow
	at := func(row int) *joinedRow {
		i := slices.IndexFunc(list, func(j joinedRow) bool { return j.row == row })
		if i < 0 {
			i = len(list)
			list = append(list, joinedRow{row: row, topic: -1, share: c.rows.share(row)})
		}
		return &list[i]
	}
	for i, a := range c.alternatives(ranked, len(ranked)) {
		j := at(a.Row)
		j.topic, j.phrases = ranked[i].topic, a.Confidence
	}
	for _, a := range c.rows.model.BestOf(doc, s.hints, len(c.rows.rows)) {
		at(c.rows.rows[a.Label]).model = a.Confidence
	}
	slices.SortStableFunc(list, func(a, b joinedRow) int {
		return cmp.Or(cmp.Compare(b.confidence(), a.confidence()), cmp.Compare(a.row, b.row))
	})
	return list
}

// chooseJoined is choose where a model stands beside the phrases.
func (c *Classifier) chooseJoined(s *scratch, doc *text.Doc, ranked []candidate, v *domain.Verdict) {
	list := c.joinRows(s, doc, ranked)
	for _, j := range list[:min(maxAlternatives, len(list))] {
		a := domain.Alternative{Row: j.row, Confidence: j.confidence()}
		if t := c.topicOf(j); t != nil {
			a.Topic = t.id
		}
		v.Alternatives = append(v.Alternatives, a)
	}
	first := list[0]
	v.Row, v.Confidence, v.Margin = first.row, first.confidence(), first.confidence()
	if len(list) > 1 {
		v.Margin -= list[1].confidence()
	}
	t := c.topicOf(first)
	why := "обычный порядок"
	v.Category = "Вне Перечня"
	if t != nil {
		v.Topic, why = t.id, c.why(t)
		v.Category, v.Subcategory = t.names()
	}
	if first.topic >= 0 {
		v.Evidence = append(v.Evidence, c.evidence(s.match, doc, groupID(first.topic), why)...)
	}
	if label, ok := c.rows.label[first.row]; ok {
		for _, pos := range c.rows.model.Why(doc, label, maxLikeEvidence) {
			e := newEvidence(doc, span{int32(pos), int32(pos)}, why+", модель", false)
			if !slices.ContainsFunc(v.Evidence, func(known domain.Evidence) bool { return e.Start < known.End && known.Start < e.End }) {
				v.Evidence = append(v.Evidence, e)
			}
		}
	}
	v.Reason = fmt.Sprintf("%s: фразы %s, модель %s, вместе %s", why, hundredths(first.phrases), hundredths(first.model), hundredths(first.confidence()))
	if len(list) > 1 {
		next := "обычный порядок"
		if t := c.topicOf(list[1]); t != nil {
			next = c.why(t)
		}
		v.Reason += fmt.Sprintf(" против %s (%s)", hundredths(list[1].confidence()), next)
	}
}

// topicOf is the topic that stands for a row: the phrases' best, else the first of
// the row; none for ordinary order without a topic.
func (c *Classifier) topicOf(j joinedRow) *topic {
	if j.topic >= 0 {
		return &c.topics[j.topic]
	}
	if j.row == 0 {
		return nil
	}
	i := slices.IndexFunc(c.topics, func(t topic) bool { return t.row == j.row })
	if i < 0 {
		return nil
	}
	return &c.topics[i]
}

// names are the decree's words, or the topic's title in ordinary order.
func (t *topic) names() (category, subcategory string) {
	if t.category == nil {
		return t.title, ""
	}
	return t.category.Category, t.category.Subcategory
}

// hundredths writes a share as Russian does: «0,91».
func hundredths(share float64) string {
	return strings.Replace(strconv.FormatFloat(share, 'f', 2, 64), ".", ",", 1)
}
