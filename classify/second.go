package classify

import (
	"cmp"
	"context"
	"slices"

	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/rules"
)

// Where the phrases are unsure, a model that has learned nothing but the sentences
// of the pack has a say in which row is proposed. Nothing it has moved goes to a
// body unseen: what is unsure waits for a person.
const (
	unsureBelow = 0.65 // confidence of the phrases' first row
	secondShare = 0.3  // of the model beside them
	secondMost  = 8    // topics it may name
	secondWords = 25   // of a text: it has learned from short ones
)

// TopicExamples are the sentences of the topics of complaints, as a model learns them.
func TopicExamples(pack *rules.Pack) []model.Example {
	var examples []model.Example
	for i := range pack.Topics {
		t := &pack.Topics[i]
		if t.Praise {
			continue
		}
		for _, s := range t.Match {
			examples = append(examples, model.Example{Text: s, Labels: []string{t.ID}})
		}
	}
	return examples
}

// learnTopics learns the topics by their sentences; nil when there are not two to tell
// apart. It is the same for the same sentences. Nothing else can go wrong: the
// teacher has read the same sentences before.
func learnTopics(examples []model.Example) *model.Model {
	m, err := model.Train(context.Background(), examples, topicTraining())
	if err != nil {
		return nil
	}
	return m
}

// topicTraining is quick: a worker learns on the way. The calibration is that of held-out
// fifths of the sentences (go run ./cmd/eval topics).
func topicTraining() model.Options {
	return model.Options{Column: "topic", Seed: 1, Rounds: 10, Least: 2, Calibration: &model.Calibration{Bias: 0.0407, Score: 2.7619, Lead: 3.1837}}
}

// TopicTraining are the settings by which the sentences of packs are learned, without
// the calibration: to measure it again.
func TopicTraining() model.Options {
	o := topicTraining()
	o.Calibration = nil
	return o
}

// secondOpinion puts the candidates in the order of both where the phrases are unsure.
// What no phrase hints at it does not name.
func (c *Classifier) secondOpinion(s *scratch, doc *text.Doc, ranked []candidate) []candidate {
	if c.lesson == nil || len(doc.Words) > secondWords {
		return ranked
	}
	alternatives := c.alternatives(ranked, len(ranked))
	if alternatives[0].Confidence >= unsureBelow {
		return ranked
	}
	topics := c.lesson.topics()
	if topics == nil {
		return ranked
	}
	both := make([]float64, len(ranked))
	for i, a := range alternatives {
		both[i] = (1 - secondShare) * a.Confidence
	}
	for _, a := range s.predictor(&s.topics, topics).Best(doc, nil, secondMost) {
		topic := slices.IndexFunc(c.topics, func(t topic) bool { return t.id == a.Label })
		if topic < 0 || c.topics[topic].praise {
			continue
		}
		row := c.topics[topic].row
		if i := slices.IndexFunc(ranked, func(r candidate) bool { return r.row == row }); i >= 0 {
			both[i] += secondShare * a.Confidence
		}
	}
	return inOrder(ranked, both)
}

// inOrder sorts the candidates by what both say, and marks the first when it was not.
func inOrder(ranked []candidate, both []float64) []candidate {
	order := make([]int, len(ranked))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(both[b], both[a]) })
	out := make([]candidate, len(ranked))
	for i, at := range order {
		out[i] = ranked[at]
	}
	out[0].second = order[0] != 0
	return out
}
