package classify

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	"github.com/otklik/otklik/classify/bitset"
	"github.com/otklik/otklik/classify/linear"
	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/classify/place"
	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

// Codes of the faults that only the classifier can find in a pack.
const (
	CodePhraseTerm rules.Code = "phrase_term" // a term that is no term of the grammar
	CodeSentence   rules.Code = "sentence"    // a test sentence that fails
)

// Options of a Classifier. The zero value is the ordinary one.
type Options struct {
	NewTokenizer func() text.Tokenizer // text.NewProse when nil
	School       *School               // what a process that compiles several packs shares; may be nil
	PhrasesOnly  bool                  // learn nothing from the sentences: quick, for checking them
	Rows         *model.Model          // a model of decree rows to stand beside the phrases; may be nil
	Kinds        *model.Model          // the same of kinds of messages
}

func (o *Options) school() *School {
	if o.School == nil {
		return NewSchool()
	}
	return o.School
}

// Classifier judges posts by one pack. It is immutable and safe for concurrent
// use.
type Classifier struct {
	pack    *rules.Pack
	matcher *matcher
	topics  []topic // by groupID
	kinds   kindGroups
	words   signalWords
	urgent  []danger
	unnamed danger // that only the examples know
	events  []event
	places  *place.Index
	lesson  *lesson   // nil: phrases alone
	like    *likeness // of the lesson
	hints   Hints
	rows    *rowModel // nil: phrases alone

	kindModel *model.Model // the same
	models    []string     // which stand beside, as verdicts tell
	options   Options
	scratch   sync.Pool
}

// topic is what scoring needs of a rules.Topic.
type topic struct {
	id       string
	title    string
	row      int // 0 = ordinary order
	praise   bool
	category *rules.Category // of the row, nil in ordinary order
	why      string          // it is chosen, as evidence and reasons say
}

func (t *topic) words() string {
	if t.category == nil {
		return fmt.Sprintf("обычный порядок «%s»", t.title)
	}
	return fmt.Sprintf("стр. %d «%s»", t.row, t.category.Subcategory)
}

// danger is one kind of urgency.
type danger struct {
	id    string
	title string
	group groupID

	persons bool // a lost animal is none
}

// event is something that befalls a whole place at once.
type event struct {
	id    string
	group groupID
}

// eventOf is the event that a text names most clearly, "" for none.
func (c *Classifier) eventOf(m *match) string {
	found, most := "", 0.0
	for _, e := range c.events {
		if score := m.total(e.group); score >= nameScore && score > most {
			found, most = e.id, score
		}
	}
	return found
}

// scratch is the working memory of one Judge.
type scratch struct {
	analyzer  *text.Analyzer
	match     *match
	likeness  []float64  // by topic, nil without
	alike     bitset.Set // memory of it
	ranked    []candidate
	praise    []candidate // one each row
	others    []candidate // the same of complaints
	beside    []domain.Alternative
	joined    []joinedRow
	evidence  []domain.Evidence // empty: memory of a verdict's
	place     place.Work
	muted     []bool // by word, for the print
	printed   []domain.PrintWord
	marks     []domain.PrintMark
	features  []linear.Feature
	weighing  weighing
	said      []byte // the words, for the fingerprint
	hints     []model.Hint
	hinted    []float32 // memory of them
	strongest []float64 // the same
	learned   opinion

	rows, kinds, topics *model.Predictor // nil until asked
}

// predictor is that of a model, for the texts of this scratch.
func (s *scratch) predictor(have **model.Predictor, m *model.Model) *model.Predictor {
	if *have == nil {
		*have = m.Predictor(s.analyzer.Lexicon())
	}
	return *have
}

// Compile builds a Classifier from a pack. The error is rules.Faults with file
// and line of every phrase that cannot be compiled.
func Compile(pack *rules.Pack, options Options) (*Classifier, error) {
	c := &Classifier{pack: pack, matcher: newMatcher(), options: options}
	var faults rules.Faults
	rows := topicRows(pack)
	for i := range pack.Topics {
		t := &pack.Topics[i]
		faults = append(faults, c.addTopic(t, rows[t.ID])...)
	}
	faults = append(faults, c.addSignals(&pack.Signals)...)
	slices.SortStableFunc(faults, func(a, b rules.Fault) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	if err := faults.Err(); err != nil {
		return nil, err
	}
	c.matcher.build()
	if err := c.learn(options); err != nil {
		return nil, err
	}
	c.places = place.NewIndex(&pack.Gazetteer)
	c.hints = HintsOf(c)
	if err := c.join(options); err != nil {
		return nil, err
	}
	c.scratch.New = func() any { return c.newScratch() }
	return c, nil
}

// learn takes what the sentences of the pack teach.
func (c *Classifier) learn(o Options) (err error) {
	if o.PhrasesOnly {
		return nil
	}
	if c.lesson, err = o.school().lesson(c.pack); err == nil {
		c.like = c.lesson.like
	}
	return err
}

// join puts the models beside the phrases.
func (c *Classifier) join(o Options) (err error) {
	if o.Rows != nil {
		if c.rows, err = newRowModel(o.Rows, c.pack); err != nil {
			return err
		}
	}
	if o.Kinds != nil {
		if err = checkKinds(o.Kinds); err != nil {
			return err
		}
		c.kindModel = o.Kinds
	}
	for _, m := range []*model.Model{o.Rows, o.Kinds} {
		if m != nil {
			c.models = append(c.models, modelName(m))
		}
	}
	return nil
}

// modelName is how verdicts name a model: its column and the beginning of its
// file's checksum, if it was read from one.
func modelName(m *model.Model) string {
	return m.Head.Column + ":" + m.Sum()[:min(12, len(m.Sum()))]
}

// Fits tells why a model cannot stand beside the phrases of a pack: ErrOtherColumn,
// ErrUnknownRow, ErrOtherRow or ErrUnknownKind; nil when it can.
func Fits(pack *rules.Pack, m *model.Model) error {
	if OfKinds(m) {
		return checkKinds(m)
	}
	_, err := newRowModel(m, pack)
	return err
}

// phrasesOnly is the same classifier without likeness.
func (c *Classifier) phrasesOnly() *Classifier {
	p := &Classifier{
		pack: c.pack, matcher: c.matcher, topics: c.topics, kinds: c.kinds,
		words: c.words, urgent: c.urgent, unnamed: c.unnamed, events: c.events, places: c.places, options: c.options,
	}
	p.scratch.New = func() any { return p.newScratch() }
	return p
}

func topicRows(pack *rules.Pack) map[string]*rules.Category {
	rows := map[string]*rules.Category{}
	for i := range pack.Categories {
		for _, id := range pack.Categories[i].Topics {
			rows[id] = &pack.Categories[i]
		}
	}
	return rows
}

func (c *Classifier) addTopic(t *rules.Topic, row *rules.Category) []rules.Fault {
	_, bad := c.matcher.group(t.Phrases)
	compiled := topic{id: t.ID, title: t.Title, praise: t.Praise, category: row}
	if row != nil {
		compiled.row = row.Row
		compiled.praise = t.Praise || row.Praise
	}
	compiled.why = compiled.words()
	c.topics = append(c.topics, compiled)
	return phraseFaults(bad)
}

func (c *Classifier) addSignals(s *rules.Signals) []rules.Fault {
	c.words = newSignalWords(&s.Words)
	var bad, more []phraseFault
	c.kinds.voice, bad = c.matcher.group(s.Voice)
	c.kinds.problem, more = c.matcher.group(s.Problem)
	bad = append(bad, more...)
	c.kinds.thanks, more = c.matcher.group(s.Thanks)
	bad = append(bad, more...)
	c.kinds.mockery, more = c.matcher.group(s.Mockery)
	bad = append(bad, more...)
	c.kinds.other, more = c.matcher.group(s.Other)
	bad = append(bad, more...)
	c.kinds.calm, more = c.matcher.group(s.Calm)
	bad = append(bad, more...)
	c.unnamed = danger{id: "unnamed", title: "похоже на опасность для жизни", group: -1}
	for i := range s.Urgent {
		u := &s.Urgent[i]
		group, more := c.matcher.group(u.Phrases)
		bad = append(bad, more...)
		c.urgent = append(c.urgent, danger{id: u.ID, title: u.Title, group: group, persons: u.Persons})
	}
	for i := range s.Events {
		group, more := c.matcher.group(s.Events[i].Phrases)
		bad = append(bad, more...)
		c.events = append(c.events, event{id: s.Events[i].ID, group: group})
	}
	return phraseFaults(bad)
}

func phraseFaults(bad []phraseFault) []rules.Fault {
	faults := make([]rules.Fault, 0, len(bad))
	for _, f := range bad {
		faults = append(faults, rules.Fault{
			File: f.phrase.File, Line: f.phrase.Line, Code: CodePhraseTerm,
			What: "условие фразы не разобрано: " + f.err.Error(),
			Mend: "слова через пробел, варианты через |, начало слова со *, точная форма с =, порядок через >",
		})
	}
	return faults
}

func (c *Classifier) newScratch() *scratch {
	var tokenizer text.Tokenizer
	if c.options.NewTokenizer != nil {
		tokenizer = c.options.NewTokenizer()
	}
	s := &scratch{analyzer: text.NewAnalyzer(tokenizer)}
	s.place.Use(s.analyzer.Lexicon())
	s.match = newMatch(c.matcher, c.like, s.analyzer.Lexicon())
	s.match.signals = &c.words
	if c.like != nil {
		s.likeness, s.alike = make([]float64, len(c.topics)), bitset.New(len(c.like.rarity))
	}
	return s
}

// Pack is the pack the Classifier was compiled from.
func (c *Classifier) Pack() *rules.Pack { return c.pack }

// Judge gives the verdict on a post. It never fails: a text that could not be
// read as it was carries its faults in the Verdict.
func (c *Classifier) Judge(post *domain.Post) domain.Verdict {
	s := c.scratch.Get().(*scratch)
	defer c.scratch.Put(s)
	return c.judge(s, post)
}
