package classify

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

// Why a model cannot stand beside the phrases of a pack.
var (
	ErrOtherColumn = errors.New("the model has learned something else")
	ErrUnknownRow  = errors.New("the model knows a row that the pack has not")
	ErrOtherRow    = errors.New("a row that the model has learned reads otherwise in the pack")
	ErrUnknownKind = errors.New("the model knows a kind of message that there is not")
)

// rowModel is a model of decree rows beside the phrases.
type rowModel struct {
	model *model.Model
	rows  map[string]int // by label
	label map[int]string
	seen  map[int]int // examples

	byClass []rowShare // by the label's place in the model
}

// rowShare is a row, and what the model counts for in it.
type rowShare struct {
	row   int
	share float64
}

// OfRows and OfKinds tell by the column what a model has learned.
func OfRows(m *model.Model) bool {
	return ofRows(m.Head.Column)
}

func ofRows(column string) bool { return column == "row" || strings.HasSuffix(column, "_rows") }

// OfKinds is OfRows for the kinds of messages.
func OfKinds(m *model.Model) bool { return m.Head.Column == "kind" }

// JudgesBeside reports whether models of a column stand beside the phrases.
func JudgesBeside(column string) bool {
	return ofRows(column) || column == "kind"
}

// RowMeaning gives the checksums of what the labels of decree rows stand for in a pack:
// number, category and subcategory, by their letters. "" for ordinary order and for what
// is no row.
func RowMeaning(pack *rules.Pack) func(label string) string {
	return func(label string) string {
		row, err := strconv.Atoi(label)
		if err != nil {
			return ""
		}
		r := pack.Row(row)
		if r == nil {
			return ""
		}
		sum := sha256.Sum256([]byte(label + "\n" + model.Letters(r.Category) + "\n" + model.Letters(r.Subcategory)))
		return hex.EncodeToString(sum[:8])
	}
}

// IsRow reports whether a label is a row of the pack, or «-» for ordinary order.
func IsRow(pack *rules.Pack, label string) bool {
	row, err := strconv.Atoi(label)
	return label == "-" || err == nil && strconv.Itoa(row) == label && pack.Row(row) != nil
}

// sameRows checks that the rows of a model read in the pack as they did where it was
// learned. A model that does not say how they read is taken for its own region's.
func sameRows(m *model.Model, pack *rules.Pack) error {
	h := &m.Head
	if len(h.Meanings) != len(h.Labels) {
		if h.Pack != nil && h.Pack.Region != pack.Region.ID && h.Column != pack.Region.ID+"_rows" {
			return fmt.Errorf("%w: its rows are of %q", ErrOtherRow, h.Pack.Region)
		}
		return nil
	}
	meaning := RowMeaning(pack)
	for i, label := range h.Labels {
		if h.Meanings[i] == meaning(label) {
			continue
		}
		row, _ := strconv.Atoi(label)
		if r := pack.Row(row); r != nil {
			return fmt.Errorf("%w: row %s, here «%s», «%s»", ErrOtherRow, label, r.Category, r.Subcategory)
		}
		return fmt.Errorf("%w: %q", ErrOtherRow, label)
	}
	return nil
}

// newRowModel checks that every label is a row of the pack, or «-» for ordinary order,
// and that the rows are those it has learned.
func newRowModel(m *model.Model, pack *rules.Pack) (*rowModel, error) {
	if c := m.Head.Column; !OfRows(m) {
		return nil, fmt.Errorf("%w: its column is %q", ErrOtherColumn, c)
	}
	r := &rowModel{model: m, rows: map[string]int{}, label: map[int]string{}, seen: map[int]int{}}
	for i, label := range m.Labels() {
		if !IsRow(pack, label) {
			return nil, fmt.Errorf("%w: %q", ErrUnknownRow, label)
		}
		row, _ := strconv.Atoi(label) // «-» is 0
		r.rows[label], r.label[row] = row, label
		if i < len(m.Head.Counts) {
			r.seen[row] = m.Head.Counts[i]
		}
	}
	if err := sameRows(m, pack); err != nil {
		return nil, err
	}
	for _, label := range m.Labels() {
		row := r.rows[label]
		r.byClass = append(r.byClass, rowShare{row, r.share(row)})
	}
	return r, nil
}

// modelShare is what the model counts for beside the phrases in a row it has seen
// often; with fewer examples it counts less, half of it at fewSeen. Both were chosen
// on held-out folds (docs/models.md).
const (
	modelShare = 0.95
	fewSeen    = 0.5
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
	both    float64 // confidence
}

func (j joinedRow) confidence() float64 { return j.share*j.model + (1-j.share)*j.phrases }

// joinRows puts what the model says beside what the phrases say, best first.
func (c *Classifier) joinRows(s *scratch, doc *text.Doc, ranked []candidate) []joinedRow {
	list := s.joined[:0]
	s.beside = c.appendAlternatives(s.beside[:0], ranked, len(ranked))
	for i, a := range s.beside {
		list = append(list, joinedRow{row: a.Row, topic: ranked[i].topic, phrases: a.Confidence, share: c.rows.share(a.Row)})
	}
	rows := s.predictor(&s.rows, c.rows.model)
	answers := rows.Best(doc, s.hints, len(c.rows.rows))
	for i, class := range rows.Classes() {
		row := c.rows.byClass[class]
		at := slices.IndexFunc(list, func(j joinedRow) bool { return j.row == row.row })
		if at < 0 {
			at = len(list)
			list = append(list, joinedRow{row: row.row, topic: -1, share: row.share})
		}
		list[at].model = answers[i].Confidence
	}
	for i := range list {
		list[i].both = list[i].confidence()
	}
	s.joined = list
	foremost(list, maxAlternatives)
	return list
}

// foremost puts the best n first, in their order.
func foremost(list []joinedRow, n int) {
	for i := range list {
		at := i
		if last := n - 1; i > last {
			if !list[i].before(&list[last]) {
				continue
			}
			list[i], list[last] = list[last], list[i]
			at = last
		}
		for ; at > 0 && list[at].before(&list[at-1]); at-- {
			list[at], list[at-1] = list[at-1], list[at]
		}
	}
}

// before: surer, of two alike the lower row.
func (j *joinedRow) before(o *joinedRow) bool {
	return j.both > o.both || j.both == o.both && j.row < o.row
}

// chooseJoined is choose where a model stands beside the phrases.
func (c *Classifier) chooseJoined(s *scratch, doc *text.Doc, ranked []candidate, v *domain.Verdict) {
	list := c.joinRows(s, doc, ranked)
	v.Alternatives = make([]domain.Alternative, 0, maxAlternatives)
	for _, j := range list[:min(maxAlternatives, len(list))] {
		a := domain.Alternative{Row: j.row, Confidence: j.both}
		if t := c.topicOf(j); t != nil {
			a.Topic = t.id
		}
		v.Alternatives = append(v.Alternatives, a)
	}
	first := list[0]
	v.Row, v.Confidence, v.Margin = first.row, first.both, first.both
	if len(list) > 1 {
		v.Margin -= list[1].both
	}
	t := c.topicOf(first)
	why := "обычный порядок"
	v.Category = "Вне Перечня"
	if t != nil {
		v.Topic, why = t.id, t.why
		v.Category, v.Subcategory = t.names()
	}
	if first.topic >= 0 {
		v.Evidence = append(v.Evidence, c.evidence(s.match, doc, groupID(first.topic), why)...)
	}
	if label, ok := c.rows.label[first.row]; ok {
		by := why + ", модель"
		for _, pos := range s.predictor(&s.rows, c.rows.model).Why(label, maxLikeEvidence) {
			e := newEvidence(doc, span{int32(pos), int32(pos)}, by, false)
			if !slices.ContainsFunc(v.Evidence, func(known domain.Evidence) bool { return e.Start < known.End && known.Start < e.End }) {
				v.Evidence = append(v.Evidence, e)
			}
		}
	}
	v.Reason = why + ": фразы " + hundredths(first.phrases) + ", модель " + hundredths(first.model) + ", вместе " + hundredths(first.both)
	if len(list) > 1 {
		next := "обычный порядок"
		if t := c.topicOf(list[1]); t != nil {
			next = t.why
		}
		v.Reason += " против " + hundredths(list[1].both) + " (" + next + ")"
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
