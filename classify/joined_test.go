package classify

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

// yard are words of no pack: only a model can know whose they are.
func yard(row string, words ...string) []model.Example {
	var out []model.Example
	for i := range 24 {
		text := fmt.Sprintf("Примите меры, %s у дома %d, сколько можно ждать", words[i%len(words)], i)
		out = append(out, model.Example{Text: text, Labels: []string{row}})
	}
	return out
}

func learned(t *testing.T, column string, hints model.Hinter, examples ...[]model.Example) *model.Model {
	t.Helper()
	m, err := model.Train(t.Context(), slices.Concat(examples...), model.Options{Column: column, Seed: 1, Hints: hints})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func compiled(t *testing.T, o Options) *Classifier {
	t.Helper()
	pack, err := rules.LoadEmbedded("khabarovsk")
	if err != nil {
		t.Fatal(err)
	}
	c, err := Compile(pack, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A model names the row of words that no phrase knows, says which they were, and
// leaves alone what the phrases know better.
func TestRowsOfModelAndPhrases(t *testing.T) {
	school := NewSchool()
	plain := compiled(t, Options{School: school})
	m := learned(t, "khabarovsk_rows", HintsOf(plain), yard("3", "брындец", "шмяга"), yard("98", "кукумбер", "чмонька"), yard("-", "пфуйка", "зюзюка"))
	c := compiled(t, Options{School: school, Rows: m})

	const strange = "Примите меры, чмонька у дома 9, сколько можно ждать"
	if v := judge(plain, strange); v.Row == 98 {
		t.Fatal("the phrases know the word: the test shows nothing")
	}
	v := judge(c, strange)
	if v.Row != 98 || v.Category == "" || v.Topic == "" || v.Confidence < 0.5 || !strings.Contains(v.Reason, "модель") {
		t.Errorf("row %d %q %q, %v: %s", v.Row, v.Category, v.Topic, v.Confidence, v.Reason)
	}
	if !slices.ContainsFunc(v.Evidence, func(e domain.Evidence) bool {
		return e.Text == "чмонька" && strings.HasSuffix(e.Why, "модель")
	}) {
		t.Errorf("the word that weighed is not shown: %+v", v.Evidence)
	}
	if v := judge(c, "Примите меры, зюзюка у дома 9, сколько можно ждать"); v.Row != 0 {
		t.Errorf("ordinary order: row %d, %s", v.Row, v.Reason)
	}
	// Row 34 is none that the model has seen: what the phrases are sure of and the
	// model is not still gets its name.
	v = judge(c, "Контейнеры переполнены, мусорные баки на контейнерной площадке стоят месяц")
	if i := slices.IndexFunc(v.Alternatives, func(a domain.Alternative) bool { return a.Row == 34 }); i < 0 {
		t.Errorf("a row the model has not seen is not offered: %+v", v.Alternatives)
	}
	sum := 0.0
	for i, a := range v.Alternatives {
		if sum += a.Confidence; i > 0 && a.Confidence > v.Alternatives[i-1].Confidence {
			t.Errorf("not the best first: %+v", v.Alternatives)
		}
	}
	if v.Alternatives[0].Row != v.Row || v.Alternatives[0].Confidence != v.Confidence || v.Margin < 0 || sum > 1.5 {
		t.Errorf("%+v", v)
	}
	again := judge(c, strange)
	if fmt.Sprint(again) != fmt.Sprint(judge(c, strange)) {
		t.Error("the same text gave another verdict")
	}
}

// A sure model changes the kind, an unsure one makes a doubt, and a danger stays.
func TestKindOfModelAndPhrases(t *testing.T) {
	school := NewSchool()
	plain := compiled(t, Options{School: school})
	m := learned(t, "kind", HintsOf(plain), yard("other", "брындец", "шмяга", "кукумбер"), yard("problem", "чмонька", "пфуйка", "зюзюка"))
	c := compiled(t, Options{School: school, Kinds: m})
	const text = "Примите меры, шмяга у дома 7, сколько можно ждать"
	if v := judge(plain, text); v.Kind != domain.Problem {
		t.Fatalf("the phrases say %q: the test shows nothing", v.Kind)
	}
	if v := judge(c, text); v.Kind != domain.Other || !strings.Contains(v.Reason, "модель: новости") {
		t.Errorf("%q: %s", v.Kind, v.Reason)
	}
	if v := judge(c, "Примите меры, шмяга у дома 7, пахнет газом в подъезде, сколько можно ждать"); v.Kind != domain.Problem || !v.Urgent || v.Doubt == "" {
		t.Errorf("a danger: %q, urgent %v, doubt %q", v.Kind, v.Urgent, v.Doubt)
	}
}

func TestModelsOfOtherThings(t *testing.T) {
	pack, err := rules.LoadEmbedded("khabarovsk")
	if err != nil {
		t.Fatal(err)
	}
	school := NewSchool()
	for name, tc := range map[string]struct {
		options Options
		want    error
	}{
		"a column of topics":     {Options{Rows: learned(t, "topic", nil, yard("3", "а"), yard("98", "б"))}, ErrOtherColumn},
		"a row of another pack":  {Options{Rows: learned(t, "row", nil, yard("3", "а"), yard("998", "б"))}, ErrUnknownRow},
		"a label that is no row": {Options{Rows: learned(t, "row", nil, yard("3", "а"), yard("ямы", "б"))}, ErrUnknownRow},
		"a kind there is not":    {Options{Kinds: learned(t, "kind", nil, yard("problem", "а"), yard("spam", "б"))}, ErrUnknownKind},
		"rows for kinds":         {Options{Kinds: learned(t, "row", nil, yard("3", "а"), yard("98", "б"))}, ErrOtherColumn},
	} {
		tc.options.School = school
		if _, err := Compile(pack, tc.options); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A row is known by what it reads, not by its number alone: beside a pack where another
// thing stands under it the model is refused.
func TestRowsThatReadOtherwise(t *testing.T) {
	packOf := func(region string) *rules.Pack {
		pack, err := rules.LoadEmbedded(region)
		if err != nil {
			t.Fatal(err)
		}
		return pack
	}
	home, away, renumbered, reworded := packOf("khabarovsk"), packOf("kaliningrad"), packOf("khabarovsk"), packOf("khabarovsk")
	m, err := model.Train(t.Context(), slices.Concat(yard("3", "брындец"), yard("5", "чмонька"), yard("-", "пфуйка")), model.Options{Column: "row", Seed: 1, Meaning: RowMeaning(home)})
	if err != nil {
		t.Fatal(err)
	}
	renumbered.Categories[2].Subcategory, renumbered.Categories[3].Subcategory = renumbered.Categories[3].Subcategory, renumbered.Categories[2].Subcategory
	reworded.Categories[2].Subcategory = strings.ToUpper(reworded.Categories[2].Subcategory) + " "
	for name, c := range map[string]struct {
		pack *rules.Pack
		want error
	}{"its own": {home, nil}, "another region's": {away, ErrOtherRow}, "renumbered": {renumbered, ErrOtherRow}, "signs and case": {reworded, nil}} {
		if err := Fits(c.pack, m); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := Fits(away, m); err == nil || !strings.Contains(err.Error(), away.Row(3).Subcategory) {
		t.Errorf("the row is not named: %v", err)
	}
	// One of before meanings were kept says only whose hints it learned.
	m.Head.Meanings, m.Head.Pack = nil, &model.Pack{Region: "khabarovsk"}
	if here, there := Fits(home, m), Fits(away, m); here != nil || !errors.Is(there, ErrOtherRow) {
		t.Errorf("of before: %v, %v", here, there)
	}
}
