package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/desk/packs"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/worker"
)

// judgingFlags are what a new model must keep.
type judgingFlags struct {
	Margin float64 `default:"0.1" help:"Какую долю примеров метки новая модель может потерять."`
	Least  int     `default:"5" help:"Метки, у которых отложено меньше примеров, смотрятся вместе."`
	Force  bool    `help:"Ввести в действие вопреки сравнению; журнал это скажет."`
}

func (f judgingFlags) terms() model.Terms { return model.Terms{Margin: f.Margin, Least: f.Least} }

// modelReport is what a version says of its learning.
type modelReport struct {
	Sources map[domain.LessonFrom]int `json:"sources"`
	Aside   int                       `json:"aside"` // kept for comparing
	Labels  int                       `json:"labels"`
	Scores  model.Scores              `json:"scores"` // on parts it had not seen while learning
}

// standsBeside: models of other labels are kept, and judge nothing.
func standsBeside(label string) bool { return label == labelRow || label == labelKind }

// court compares models of a region on the examples that none has learned.
type court struct {
	pack   *rules.Pack
	hints  model.Hinter
	school *classify.School
	models worker.Models // in force beside the phrases
	label  string
	seen   string // hash of the one in force, "" for none
	now    *model.Model
	aside  []model.Example
	others []string // aside too, and no problems: only what goes unseen is chosen by them
}

// newCourt reads what is in force. A model in force that cannot be used counts as
// none; the fault is said.
func newCourt(ctx context.Context, p *program, store *storage.Store, pack *rules.Pack, label string) (*court, error) {
	c := &court{pack: pack, label: label, school: p.school}
	var faults []error
	var err error
	if c.models, faults, err = worker.ModelsOf(ctx, store, pack); err != nil {
		return nil, err
	}
	for _, f := range faults {
		fmt.Fprintln(p.stderr, "модель в действии не подходит, сравнение без неё:", cmp.Or(modelWords(f), f.Error()))
	}
	phrases, err := classify.Compile(pack, classify.Options{School: c.school})
	if err != nil {
		return nil, explainFaults(p, err)
	}
	c.hints = classify.HintsOf(phrases)
	refs, err := store.ModelsInForce(ctx, pack.Region.ID)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(refs, func(r domain.ModelInForce) bool { return r.Label == label })
	if i < 0 {
		return c, nil
	}
	c.seen, c.now = refs[i].Hash, c.models[label]
	if !standsBeside(label) {
		c.now, err = worker.ReadModel(ctx, store, pack.Region.ID, refs[i].ModelRef)
		if errors.Is(err, worker.ErrBadModel) {
			fmt.Fprintln(p.stderr, "модель в действии не читается, сравнение без неё:", cmp.Or(modelWords(err), err.Error()))
			err = nil
		}
	}
	return c, err
}

// with is the judge of the region with another model of the label in its place; nil
// takes it away.
func (c *court) with(m *model.Model) (worker.Snapshot, error) {
	models := worker.Models{}
	for label, one := range c.models {
		if label != c.label {
			models[label] = one
		}
	}
	if m != nil {
		models[c.label] = m
	}
	return worker.Build(c.pack, models.Options(classify.Options{School: c.school}))
}

// compare judges the examples aside by the model in force and by another.
func (c *court) compare(next *model.Model, t model.Terms) (model.Comparison, error) {
	present, _, err := c.outcomes(c.now, c.aside)
	if err != nil {
		return model.Comparison{}, err
	}
	bounded := c.label == labelRow && next.Head.Aside == model.AsideRule
	examples := c.aside
	if bounded {
		examples = c.withOthers()
	}
	after, verdicts, err := c.outcomes(next, examples)
	if err != nil {
		return model.Comparison{}, err
	}
	out := model.Compare(present, after[:len(c.aside)], t)
	if bounded {
		out.Unseen = c.unseen(examples, verdicts)
	}
	if c.now != nil {
		out = out.Lacking(model.Lost(&c.now.Head, &next.Head, t.Least))
	}
	if next.Head.Aside != model.AsideRule {
		out.Better, out.Reason = false, "отложенные примеры она учила: сравнивать не на чем"
	}
	return out, nil
}

// outcomes are what the region would say of examples: of rows and kinds the whole
// verdicts, phrases and model together.
func (c *court) outcomes(m *model.Model, examples []model.Example) ([]model.Outcome, []domain.Verdict, error) {
	out := make([]model.Outcome, len(examples))
	if !standsBeside(c.label) {
		for i, e := range examples {
			out[i].Right = e.Labels
			if m == nil {
				continue
			}
			if err := m.Use(c.hints); err != nil {
				return nil, nil, modelFault(err)
			}
			var err error
			if out[i].Answers, err = m.Best(e.Text, 3); err != nil {
				return nil, nil, fmt.Errorf("judge an example: %w", err)
			}
		}
		return out, nil, nil
	}
	verdicts, err := c.verdicts(m, examples)
	if err != nil {
		return nil, nil, err
	}
	for i, e := range examples {
		out[i] = model.Outcome{Right: e.Labels, Answers: answersOf(c.label, &verdicts[i])}
	}
	return out, verdicts, nil
}

// verdicts are what the region would say of examples with a model.
func (c *court) verdicts(m *model.Model, examples []model.Example) ([]domain.Verdict, error) {
	snap, err := c.with(m)
	if err != nil {
		return nil, modelFault(err)
	}
	out := make([]domain.Verdict, len(examples))
	for i, e := range examples {
		out[i] = snap.Judge.Judge(&domain.Post{Region: c.pack.Region.ID, Text: e.Text})
	}
	return out, nil
}

func answersOf(label string, v *domain.Verdict) []model.Answer {
	if label == labelKind {
		return []model.Answer{{Label: string(v.Kind), Confidence: v.Confidence}}
	}
	if v.Kind == domain.Other {
		return []model.Answer{{Label: noProblem, Confidence: v.Confidence}}
	}
	answers := []model.Answer{{Label: rowLabel(v.Row), Confidence: v.Confidence}}
	for i, a := range v.Alternatives {
		if i > 0 {
			answers = append(answers, model.Answer{Label: rowLabel(a.Row), Confidence: a.Confidence})
		}
	}
	return answers
}

// noProblem stands for a row where none is right.
const noProblem = "не обращение"

func rowLabel(row int) string {
	if row == 0 {
		return "-"
	}
	return fmt.Sprint(row)
}

// decide puts a stored version into force if it is better or forced, and says what
// became of it.
func (c *court) decide(ctx context.Context, p *program, store *storage.Store, ref domain.ModelRef, id int64, cmp model.Comparison, force bool, by domain.Doer) (packs.Outcome, error) {
	fmt.Fprintln(p.stdout, cmp.Reason)
	if words := unseenWords(cmp.Unseen); words != "" {
		fmt.Fprintln(p.stdout, words)
	}
	comparison, err := json.Marshal(cmp)
	if err != nil {
		return "", fmt.Errorf("write the comparison: %w", err)
	}
	short := shortSum(ref.Hash)
	if !cmp.Better && !force {
		if err := store.JudgeModel(ctx, id, comparison, cmp.Reason); err != nil {
			return "", err
		}
		fmt.Fprintf(p.stdout, "Модель %s отложена. Ввести вопреки сравнению: otklik model activate %s --region %s --force\n", short, short, by.Region)
		return packs.KeptAside, nil
	}
	reason, words := cmp.Reason, "введена модель «"+ref.Label+"»: "+cmp.Reason
	if !cmp.Better {
		words = "введена вопреки сравнению модель «" + ref.Label + "»: " + cmp.Reason
	}
	err = store.ActivateModel(ctx, storage.ModelSwitch{ModelRef: ref, Seen: c.seen, Forced: !cmp.Better, Comparison: comparison, Reason: reason}, by,
		domain.EntryOf(by, "model_activated", "model", short, words))
	if errors.Is(err, domain.ErrStale) {
		return "", errors.New("тем временем введена другая модель: сравните ещё раз")
	}
	if err != nil {
		return "", err
	}
	beside := "Работающие процессы перейдут на неё за несколько секунд."
	if !standsBeside(ref.Label) {
		beside = "Рядом с фразами стоят только модели row и kind: эта хранится и судит только в «otklik score»."
	}
	fmt.Fprintf(p.stdout, "Модель %s введена в действие. %s\n", short, beside)
	return packs.PutInForce, nil
}

// dryRunFlags are which stored posts a dry run looks at.
type dryRunFlags struct {
	Days int `default:"30" help:"За сколько дней смотреть сообщения в пробном прогоне."`
	Show int `default:"50" help:"Сколько изменений показать."`
}

// dryRun prints which stored posts the model would judge otherwise.
func (c *court) dryRun(ctx context.Context, p *program, store *storage.Store, m *model.Model, f dryRunFlags) error {
	snap, err := c.with(m)
	if err != nil {
		return modelFault(err)
	}
	now := time.Now().UTC()
	return newDryRun(c.pack, c.pack, snap.Judge, now).over(ctx, p.stdout, store, now.AddDate(0, 0, -f.Days), f.Show)
}
