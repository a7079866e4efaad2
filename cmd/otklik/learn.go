package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/tables"
)

// lessonLabels are what a region's models can learn from its database.
func lessonLabels() []string {
	return []string{labelRow, labelKind, labelTopic, labelAgency, labelPastTopic, labelPastGroup}
}

const (
	labelRow       = "row"
	labelKind      = "kind"
	labelTopic     = "topic"
	labelAgency    = "agency"
	labelPastTopic = "incident_topic" // as imported
	labelPastGroup = "incident_group"
)

// lessons gathers the examples of a region for one label: of equal texts one, the
// weightiest, and of these the newest.
type lessons struct {
	pack    *rules.Pack
	label   string
	mapping mapping

	list   []lessonExample
	at     map[string]int // by the letters of the text
	copies int
	left   map[string]int // why → how many
	others []string       // masked texts kept aside that are no problem, of the label row, each once

	otherKeys map[string]bool // their letters

	unnamed map[string]int // what the import calls a thing that the pack does not know
}

type lessonExample struct {
	model.Example
	from domain.LessonFrom
	when time.Time
}

func newLessons(pack *rules.Pack, label string, m mapping) *lessons {
	return &lessons{pack: pack, label: label, mapping: m, at: map[string]int{}, left: map[string]int{}, otherKeys: map[string]bool{}, unnamed: map[string]int{}}
}

func gatherLessons(ctx context.Context, store *storage.Store, pack *rules.Pack, label string, m mapping) (*lessons, error) {
	l := newLessons(pack, label, m)
	if err := store.EachLesson(ctx, pack.Region.ID, func(d domain.Lesson) error {
		l.other(d)
		labels, why := l.ofDesk(d)
		l.add(d.From, model.Example{Text: d.Text, Labels: labels, Finer: l.finer(d.Topic)}, why, d.At)
		return nil
	}); err != nil {
		return nil, err
	}
	err := store.EachPastIncident(ctx, pack.Region.ID, func(p domain.PastIncident) error {
		labels, why := l.ofPast(p)
		l.add(domain.FromImport, model.Example{Text: p.Text, Labels: labels, Finer: l.finer(p.Topic)}, why, p.CreatedAt)
		return nil
	})
	return l, err
}

// other keeps what is no problem and is kept aside: it teaches no row, and none of it
// may go to a body unseen.
func (l *lessons) other(d domain.Lesson) {
	if l.label != labelRow || d.Kind != domain.Other {
		return
	}
	text := domain.Mask(d.Text) // as examples are
	key := model.Letters(text)
	if key != "" && model.Aside(text) && !l.otherKeys[key] {
		l.otherKeys[key] = true
		l.others = append(l.others, text)
	}
}

// othersAlone are the others that are not examples too: people have held a text for a
// problem and for none, and the problem teaches.
func (l *lessons) othersAlone() []string {
	return slices.DeleteFunc(slices.Clone(l.others), func(text string) bool {
		_, known := l.at[model.Letters(text)]
		return known
	})
}

// finer is a topic as a finer label, where the labels may consist of topics.
func (l *lessons) finer(topic string) string {
	if l.label == labelRow || l.label == labelPastGroup {
		return topic
	}
	return ""
}

// withTopics keeps the topics of examples as finer labels and names them, if the labels
// consist of them; else they teach nothing.
func withTopics(examples []model.Example) ([]model.Example, string) {
	labels, topics := make([]string, len(examples)), model.Column{Name: labelTopic, Cells: make([]string, len(examples))}
	for i, e := range examples {
		labels[i], topics.Cells[i] = strings.Join(e.Labels, "|"), e.Finer
	}
	if finer := model.FinerColumn(labels, []model.Column{topics}); finer != "" {
		return examples, finer
	}
	plain := slices.Clone(examples)
	for i := range plain {
		plain[i].Finer = ""
	}
	return plain, ""
}

// add takes an example; a text without words, or one that why speaks against, is
// counted and left.
func (l *lessons) add(from domain.LessonFrom, example model.Example, why string, when time.Time) {
	example.Text = domain.Mask(example.Text)
	key := model.Letters(example.Text)
	if key == "" {
		why = "без слов"
	}
	if why != "" {
		l.left[why]++
		return
	}
	e := lessonExample{example, from, when}
	i, known := l.at[key]
	if !known {
		l.at[key] = len(l.list)
		l.list = append(l.list, e)
		return
	}
	l.copies++
	if old := l.list[i]; weight(from) < weight(old.from) || from == old.from && when.After(old.when) {
		l.list[i] = e
	}
}

func weight(from domain.LessonFrom) int {
	return slices.Index([]domain.LessonFrom{domain.FromCorrection, domain.FromAnswer, domain.FromDismissal, domain.FromImport}, from)
}

// ofDesk is the label of what the desk knows.
func (l *lessons) ofDesk(d domain.Lesson) (labels []string, why string) {
	if l.label == labelKind {
		return []string{string(d.Kind)}, ""
	}
	if d.Kind != domain.Problem {
		return nil, "не обращения"
	}
	switch l.label {
	case labelRow:
		return l.row(d.Row)
	case labelTopic:
		if d.Topic == "" || !slices.ContainsFunc(l.pack.Topics, func(t rules.Topic) bool { return t.ID == d.Topic }) {
			return nil, "без темы или с темой, которой нет в пакете"
		}
		return []string{d.Topic}, ""
	case labelAgency:
		if l.pack.Agency(d.Agency) == nil {
			return nil, "без органа или с органом, которого нет в пакете"
		}
		return []string{d.Agency}, ""
	}
	return nil, "не из выгрузки"
}

func (l *lessons) row(row int) (labels []string, why string) {
	switch {
	case row == 0:
		return []string{"-"}, ""
	case l.pack.Row(row) == nil:
		return nil, "строки нет в пакете"
	}
	return []string{strconv.Itoa(row)}, ""
}

// ofPast is the label of an imported incident: by the region's own table of
// correspondences, else by equal names.
func (l *lessons) ofPast(p domain.PastIncident) (labels []string, why string) {
	switch l.label {
	case labelKind:
		return []string{string(domain.Problem)}, ""
	case labelPastTopic:
		return named(p.Topic, "без темы")
	case labelPastGroup:
		return named(p.TopicGroup, "без группы тем")
	}
	if labels, ok := l.mapping.of(l.label, p); ok {
		return l.known(labels)
	}
	if l.label == labelAgency {
		for _, name := range []string{p.Executor, p.Department} {
			i := slices.IndexFunc(l.pack.Agencies, func(a rules.Agency) bool {
				return name != "" && (tables.SameName(a.Name, name) || tables.SameName(a.Short, name))
			})
			if i >= 0 {
				return []string{l.pack.Agencies[i].ID}, ""
			}
		}
		return nil, l.unknown(cmp.Or(p.Executor, p.Department))
	}
	i := slices.IndexFunc(l.pack.Topics, func(t rules.Topic) bool { return tables.SameName(t.Title, p.Topic) })
	switch {
	case i < 0:
		return nil, l.unknown(cmp.Or(p.Topic, p.TopicGroup))
	case l.label == labelTopic:
		return []string{l.pack.Topics[i].ID}, ""
	}
	return l.row(l.pack.RowOf(l.pack.Topics[i].ID))
}

// known checks labels of a table of correspondences against the pack.
func (l *lessons) known(labels []string) ([]string, string) {
	if len(labels) == 0 {
		return nil, "в таблице соответствий стоит «?»"
	}
	for _, label := range labels {
		ok := false
		switch l.label {
		case labelRow:
			row, err := strconv.Atoi(label)
			ok = label == "-" || err == nil && l.pack.Row(row) != nil
		case labelTopic:
			ok = slices.ContainsFunc(l.pack.Topics, func(t rules.Topic) bool { return t.ID == label })
		case labelAgency:
			ok = l.pack.Agency(label) != nil
		}
		if !ok {
			return nil, "в таблице соответствий стоит «" + label + "»: в пакете этого нет"
		}
	}
	return labels, ""
}

func named(label, why string) ([]string, string) {
	if label == "" {
		return nil, why
	}
	return []string{label}, ""
}

func (l *lessons) unknown(name string) string {
	if name == "" {
		return "без темы и органа"
	}
	l.unnamed[domain.MaskNumbers(name)]++ // shown; what was imported long ago was kept as it came
	return "из выгрузки, без соответствия в пакете"
}

// split divides the examples: those to learn, and the fifth that stays aside.
func (l *lessons) split() (learn, aside []model.Example) {
	for _, e := range l.list {
		if model.Aside(e.Text) {
			aside = append(aside, e.Example)
		} else {
			learn = append(learn, e.Example)
		}
	}
	return learn, aside
}

// sources counts the examples by where they come from.
func (l *lessons) sources() map[domain.LessonFrom]int {
	out := map[domain.LessonFrom]int{}
	for _, e := range l.list {
		out[e.from]++
	}
	return out
}

// sourceWords is «исправлений 12, …».
func sourceWords(n map[domain.LessonFrom]int) string {
	return fmt.Sprintf("исправлений %d, подтверждённых ответом %d, отклонённых сообщений %d, из выгрузок %d",
		n[domain.FromCorrection], n[domain.FromAnswer], n[domain.FromDismissal], n[domain.FromImport])
}

// print says how many examples there are from where, and what was left.
func (l *lessons) print(w io.Writer, learn, aside int) {
	fmt.Fprintf(w, "примеры: %s; одинаковых текстов %d. Учится %d, отложено для сравнения %d.\n", sourceWords(l.sources()), l.copies, learn, aside)
	for _, why := range slices.Sorted(maps.Keys(l.left)) {
		fmt.Fprintf(w, "не взято: %s — %d\n", why, l.left[why])
	}
	const shown = 20
	names := slices.SortedFunc(maps.Keys(l.unnamed), func(a, b string) int {
		return cmp.Or(l.unnamed[b]-l.unnamed[a], strings.Compare(a, b))
	})
	for _, name := range names[:min(shown, len(names))] {
		fmt.Fprintf(w, "  нет соответствия: «%s» — %d\n", name, l.unnamed[name])
	}
	if len(names) > 0 {
		fmt.Fprintf(w, "  всего таких названий %d: назовите их в таблице --map (столбцы «Тема» или «Отдел» и «%s»)\n", len(names), l.label)
	}
}
