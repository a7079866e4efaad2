package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/worker"
)

// Whatever is wrong with a model is said in Russian and still found as what it is; a
// fault of something else stays as it was.
func TestFaultsOfModelsInWords(t *testing.T) {
	t.Parallel()
	for _, cause := range []error{model.ErrNotModel, model.ErrOtherFormat, model.ErrBrokenModel, model.ErrNoHints, model.ErrOtherPlaces, model.ErrNoExamples,
		model.ErrOneLabel, model.ErrTooManyLabels, classify.ErrUnknownRow, classify.ErrOtherRow, classify.ErrUnknownKind, classify.ErrOtherColumn, worker.ErrBadModel} {
		wrapped := fmt.Errorf("judge an example: %w", cause)
		for _, err := range []error{modelFault(wrapped), modelFaultOf("строки.model", wrapped), storedModelFault(domain.ModelRef{Label: "row", Hash: "abc"}, wrapped)} {
			before, _, _ := strings.Cut(err.Error(), "Подробности:")
			if !errors.Is(err, cause) || !hasRussian(before) || strings.Contains(before, cause.Error()) {
				t.Errorf("%v is said as %q", cause, err)
			}
		}
	}
	if other := errors.New("disk full"); !errors.Is(modelFault(other), other) || modelWords(other) != "" || modelWords(nil) != "" || modelFault(nil) != nil {
		t.Error("a fault that is none of a model was worded as one")
	}
	gone := storedModelFault(domain.ModelRef{Label: "row", Hash: strings.Repeat("a", 64)}, domain.ErrNotFound)
	if gone.Error() != "модель «row» aaaaaaaaaaaa: её файла в базе нет" {
		t.Error(gone)
	}
}

// A model that judges beside other rules than it has learned with says which two.
func TestAModelBesideOtherRulesSaysSo(t *testing.T) {
	t.Parallel()
	learned := model.Pack{Region: "khabarovsk", Hash: strings.Repeat("1", 64)}
	m := &model.Model{Head: model.Head{Hints: true, Pack: &learned}}
	words := strangeWords(m, model.Pack{Region: "kaliningrad", Hash: strings.Repeat("2", 64)})
	for _, want := range []string{"«khabarovsk» 111111111111", "«kaliningrad» 222222222222"} {
		if !strings.Contains(words, want) {
			t.Errorf("%q lacks %s", words, want)
		}
	}
	if words := strangeWords(m, learned); words != "" {
		t.Errorf("beside its own rules: %q", words)
	}
	if words := strangeWords(&model.Model{Head: model.Head{Pack: &learned}}, model.Pack{}); words != "" {
		t.Errorf("without hints: %q", words)
	}
}
