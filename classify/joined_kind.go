package classify

import (
	"fmt"

	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/domain"
)

// IsKind reports whether a label is a kind of message.
func IsKind(label string) bool {
	switch domain.Kind(label) {
	case domain.Problem, domain.Thanks, domain.Other:
		return true
	}
	return false
}

// checkKinds checks that every label of a model is a kind of message.
func checkKinds(m *model.Model) error {
	if !OfKinds(m) {
		return fmt.Errorf("%w: its column is %q", ErrOtherColumn, m.Head.Column)
	}
	for _, label := range m.Labels() {
		if !IsKind(label) {
			return fmt.Errorf("%w: %q", ErrUnknownKind, label)
		}
	}
	return nil
}

// From kindSure on the model's kind is taken where the phrases say another; between
// kindHeard and that it is a doubt, and a person looks.
const (
	kindSure  = 0.9
	kindHeard = 0.5
)

// joinKind puts what the model says beside the kind the phrases gave: the kind of
// both, what is to be said of it in the reason, and a doubt where they differ. What
// the phrases hold for a danger stays a problem.
func (c *Classifier) joinKind(s *scratch, doc *text.Doc, kind domain.Kind, danger bool) (joined domain.Kind, said, doubt string) {
	if c.kindModel == nil {
		return kind, "", ""
	}
	best := s.predictor(&s.kinds, c.kindModel).Best(doc, s.hints, 1)[0]
	says := domain.Kind(best.Label)
	said = ", модель: " + exampleName(says) + ", " + hundredths(best.Confidence)
	switch {
	case says == kind || best.Confidence < kindHeard:
		return kind, said, ""
	case danger || best.Confidence < kindSure:
		return kind, said, "модель узнаёт другое: " + exampleName(says)
	}
	return says, said, ""
}
