package classify

import (
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/otklik/otklik/classify/linear"
	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/rules"
)

// lesson is what the sentences of a pack teach: the likeness to its topics, and
// scales of kind and danger. Every run learns the same from the same sentences.
type lesson struct {
	like   *likeness
	scales *linear.Model // by scale

	// topics is a model of the sentences of topics, nil when there are too few. The
	// first who asks learns it: only short texts of which the phrases are unsure do.
	topics func() *model.Model
}

// The scales. None asks for the other: a text may be news and sound of danger.
const (
	scaleDanger = iota // danger to life against everything else
	scaleOther         // news, advertising, talk against complaints and thanks
	scaleThanks        // thanks against complaints and the rest
	scales             // how many there are
)

// What a sentence of a pack is an example of.
const (
	sideComplaint linear.Class = iota // a topic's
	sidePraise                        // of a topic of thanks
	sideDanger
	sideNear // near to a danger
	sideHarmless
	sideProblem
	sideOther
	sideThanks
)

// lessonScales are their ends. What was written to look like a danger is of any
// kind and teaches nothing of kinds.
func lessonScales() []linear.Scale {
	list := make([]linear.Scale, scales)
	problems := linear.Of(sideComplaint, sideDanger, sideProblem)
	thanks := linear.Of(sidePraise, sideThanks)
	list[scaleDanger] = linear.Scale{
		Upper: linear.Of(sideDanger),
		Lower: linear.Of(sideComplaint, sideNear, sideHarmless, sideProblem, sideOther, sideThanks),
	}
	list[scaleOther] = linear.Scale{Upper: linear.Of(sideOther), Lower: problems | thanks}
	list[scaleThanks] = linear.Scale{Upper: thanks, Lower: problems | linear.Of(sideOther)}
	return list
}

// lessonTraining: enough rounds for the weights to settle, a mild pull towards zero.
func lessonTraining() linear.Options {
	return linear.Options{Space: featureSpace, Rounds: 8, Rate: 2.5, Decay: 0.0007}
}

// lessonWords are looked at in one piece; of longer texts the sentences are.
const lessonWords = 40

// School learns from the sentences of packs and remembers the latest lessons:
// packs of different regions hold the same sentences, and learning takes longer
// than all else in Compile. It is safe for concurrent use.
type School struct {
	mu     sync.Mutex
	latest []remembered
}

type remembered struct {
	sentences [sha256.Size]byte
	lesson    *lesson
}

// NewSchool gives a School that knows nothing yet.
func NewSchool() *School { return &School{} }

// schoolMemory is enough for the active version of the packs and those that are
// tried beside it.
const schoolMemory = 4

// lesson of a pack; packs with the same sentences get the same.
func (s *School) lesson(pack *rules.Pack) (*lesson, error) {
	key := sentencesHash(pack)
	s.mu.Lock()
	defer s.mu.Unlock() // who asks for the same meanwhile waits instead of learning it too
	for i, r := range s.latest {
		if r.sentences == key {
			copy(s.latest[1:i+1], s.latest[:i])
			s.latest[0] = r
			return r.lesson, nil
		}
	}
	l, err := newLesson(pack)
	if err != nil {
		return nil, err
	}
	s.latest = append([]remembered{{key, l}}, s.latest[:min(len(s.latest), schoolMemory-1)]...)
	return l, nil
}

func newLesson(pack *rules.Pack) (*lesson, error) {
	t := &teacher{analyzer: text.NewAnalyzer(nil)}
	like := newLikeTeacher()
	for i := range pack.Topics {
		topic, side := &pack.Topics[i], sideComplaint
		if topic.Praise {
			side = sidePraise
		}
		like.topic()
		t.read(topic.Title, like.sentence)
		for _, s := range topic.Match {
			t.read(s, like.sentence, t.example(side))
		}
		for i := range topic.Phrases {
			like.phrase(&topic.Phrases[i])
		}
	}
	for i := range pack.Signals.Urgent {
		t.teach(sideDanger, pack.Signals.Urgent[i].Match)
		t.teach(sideNear, pack.Signals.Urgent[i].Miss)
	}
	for i := range pack.Signals.Ideas {
		e := &pack.Signals.Ideas[i]
		t.teach(sideDanger, e.Danger)
		t.teach(sideHarmless, e.Harmless)
		t.teach(sideProblem, e.Problem)
		t.teach(sideOther, e.Other)
		t.teach(sideThanks, e.Thanks)
	}
	if t.err != nil {
		return nil, t.err
	}
	learned, err := linear.Train(t.said, lessonScales(), lessonTraining())
	if err != nil {
		return nil, fmt.Errorf("learning from the examples: %w", err)
	}
	examples := TopicExamples(pack)
	topics := sync.OnceValue(func() *model.Model { return learnTopics(examples) })
	return &lesson{like: like.likeness(), scales: learned, topics: topics}, nil
}

// teacher reads the sentences once for all that learn from them.
type teacher struct {
	analyzer *text.Analyzer
	said     []linear.Example
	err      error
}

func (t *teacher) read(sentence string, learners ...func(*text.Doc)) {
	d, err := t.analyzer.Analyze(sentence)
	if err != nil {
		t.err = fmt.Errorf("reading the example «%s»: %w", sentence, err)
		return
	}
	for _, learn := range learners {
		learn(d)
	}
}

func (t *teacher) teach(side linear.Class, sentences []string) {
	for _, s := range sentences {
		t.read(s, t.example(side))
	}
}

// example takes a sentence as an example of a side.
func (t *teacher) example(side linear.Class) func(*text.Doc) {
	return func(d *text.Doc) {
		t.said = append(t.said, linear.Example{Features: appendFeatures(nil, d, 0, len(d.Words)), Class: side})
	}
}

// sentencesHash is the same for packs that teach the same.
func sentencesHash(pack *rules.Pack) [sha256.Size]byte {
	h := sha256.New()
	for i := range pack.Topics {
		t := &pack.Topics[i]
		write(h, fmt.Sprint("topic ", t.Praise), t.ID, t.Title)
		write(h, "match", t.Match...)
		for _, p := range t.Phrases {
			write(h, fmt.Sprint("phrase ", p.Weight), slices.Concat(p.All, p.Any, p.Near)...)
		}
	}
	for i := range pack.Signals.Urgent {
		write(h, "danger", pack.Signals.Urgent[i].Match...)
		write(h, "near", pack.Signals.Urgent[i].Miss...)
	}
	for i := range pack.Signals.Ideas {
		e := &pack.Signals.Ideas[i]
		for side, list := range [...][]string{e.Danger, e.Harmless, e.Problem, e.Other, e.Thanks} {
			write(h, fmt.Sprint("idea ", side), list...)
		}
	}
	return [sha256.Size]byte(h.Sum(nil))
}

func write(h io.Writer, what string, list ...string) {
	fmt.Fprintf(h, "%s %d\n", what, len(list))
	for _, s := range list {
		fmt.Fprintf(h, "%d %s\n", len(s), s)
	}
}
