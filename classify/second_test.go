package classify

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/rules"
)

// Where phrases are unsure, the sentences of the pack decide what is proposed, and
// no more than proposed; where they are sure, or nothing hints at a row, nothing
// changes.
func TestSecondOpinionProposes(t *testing.T) {
	pack, err := rules.LoadEmbedded("khabarovsk")
	if err != nil {
		t.Fatal(err)
	}
	both, err := Compile(pack, Options{})
	if err != nil {
		t.Fatal(err)
	}
	alone := *both.lesson
	alone.topics = func() *model.Model { return nil }
	first := both.phrasesOnly()
	first.lesson, first.like = &alone, both.like
	first.scratch.New = func() any { return first.newScratch() }

	const unsure = "не начислили субсидию"
	before, after := judge(first, unsure), judge(both, unsure)
	if before.Row == 92 {
		t.Fatal("the phrases name the row: the test shows nothing")
	}
	if after.Row != 92 || after.Confidence > likenedConfidence || !strings.Contains(after.Reason, "больше всего похоже на примеры") {
		t.Errorf("row %d, %v: %s", after.Row, after.Confidence, after.Reason)
	}
	for _, s := range []string{"Во дворе на Ленина 5 не вывозят мусор третью неделю", "вчера был дождь", strings.Repeat("не начислили субсидию и всё ", 9)} {
		if a, b := judge(first, s), judge(both, s); a.Row != b.Row || a.Confidence != b.Confidence || a.Reason != b.Reason {
			t.Errorf("%q: row %d (%s), with the second opinion %d (%s)", s, a.Row, a.Reason, b.Row, b.Reason)
		}
	}
}

// Who asks first has the topics learned; whoever asks at the same time waits for the
// same model.
func TestTopicsAreLearnedOnce(t *testing.T) {
	pack, err := rules.LoadEmbedded("kaliningrad")
	if err != nil {
		t.Fatal(err)
	}
	c, err := Compile(pack, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got [4]*model.Model
	var all sync.WaitGroup
	for i := range got {
		all.Go(func() { got[i] = c.lesson.topics() })
	}
	all.Wait()
	for i := range got {
		if got[i] == nil || got[i] != got[0] {
			t.Errorf("%d asked and got %p, the first %p", i, got[i], got[0])
		}
	}
}

// The same sentences teach the same; a pack of one topic teaches nothing.
func TestTopicsAreLearnedAlike(t *testing.T) {
	pack, err := rules.LoadEmbedded("kaliningrad")
	if err != nil {
		t.Fatal(err)
	}
	a, b := learnTopics(TopicExamples(pack)), learnTopics(TopicExamples(pack))
	if a == nil || b == nil {
		t.Fatal("nothing was learned")
	}
	for _, s := range []string{"яма на дороге", "нет воды", ""} {
		x, errX := a.Best(s, 3)
		y, errY := b.Best(s, 3)
		if errX != nil || errY != nil || !slices.Equal(x, y) {
			t.Errorf("%q: %v, %v", s, x, y)
		}
	}
	few := &rules.Pack{Topics: pack.Topics[:1]}
	if m := learnTopics(TopicExamples(few)); m != nil {
		t.Errorf("one topic: %v", m)
	}
}
