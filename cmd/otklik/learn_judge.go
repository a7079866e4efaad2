package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/classify/model"
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
}

// newCourt reads what is in force. A model in force that cannot be used counts as
// none; the fault is said.
func newCourt(ctx context.Context, p *program, store *storage.Store, pack *rules.Pack, label string) (*court, error) {
	c := &court{pack: pack, label: label, school: classify.NewSchool()}
	var faults []error
	var err error
	if c.models, faults, err = worker.ModelsOf(ctx, store, pack); err != nil {
		return nil, err
	}
	for _, f := range faults {
		fmt.Fprintln(p.stderr, "модель в действии не подходит, сравнение без неё:", f)
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
	i := slices.IndexFunc(refs, func(r domain.ModelRef) bool { return r.Label == label })
	if i < 0 {
		return c, nil
	}
	c.seen, c.now = refs[i].Hash, c.models[label]
	if !standsBeside(label) {
		c.now, err = worker.ReadModel(ctx, store, pack.Region.ID, refs[i])
		if errors.Is(err, worker.ErrBadModel) {
			fmt.Fprintln(p.stderr, "модель в действии не читается, сравнение без неё:", err)
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
	present, err := c.outcomes(c.now)
	if err != nil {
		return model.Comparison{}, err
	}
	after, err := c.outcomes(next)
	if err != nil {
		return model.Comparison{}, err
	}
	out := model.Compare(present, after, t)
	if next.Head.Aside != model.AsideRule {
		out.Better, out.Reason = false, "отложенные примеры она учила: сравнивать не на чем"
	}
	return out, nil
}

// outcomes are what the region would say of the examples aside: of rows and kinds
// the whole verdict, phrases and model together.
func (c *court) outcomes(m *model.Model) ([]model.Outcome, error) {
	out := make([]model.Outcome, len(c.aside))
	if !standsBeside(c.label) {
		for i, e := range c.aside {
			out[i].Right = e.Labels
			if m == nil {
				continue
			}
			m.Use(c.hints)
			var err error
			if out[i].Answers, err = m.Best(e.Text, 3); err != nil {
				return nil, fmt.Errorf("judge an example: %w", err)
			}
		}
		return out, nil
	}
	snap, err := c.with(m)
	if err != nil {
		return nil, modelFault(err)
	}
	for i, e := range c.aside {
		v := snap.Judge.Judge(&domain.Post{Region: c.pack.Region.ID, Text: e.Text})
		out[i] = model.Outcome{Right: e.Labels, Answers: answersOf(c.label, &v)}
	}
	return out, nil
}

func answersOf(label string, v *domain.Verdict) []model.Answer {
	if label == labelKind {
		return []model.Answer{{Label: string(v.Kind), Confidence: v.Confidence}}
	}
	if v.Kind == domain.Other {
		return []model.Answer{{Label: "не обращение", Confidence: v.Confidence}}
	}
	answers := []model.Answer{{Label: rowLabel(v.Row), Confidence: v.Confidence}}
	for i, a := range v.Alternatives {
		if i > 0 {
			answers = append(answers, model.Answer{Label: rowLabel(a.Row), Confidence: a.Confidence})
		}
	}
	return answers
}

func rowLabel(row int) string {
	if row == 0 {
		return "-"
	}
	return fmt.Sprint(row)
}

// decide puts a stored version into force if it is better or forced, and says what
// became of it.
func (c *court) decide(ctx context.Context, p *program, store *storage.Store, ref domain.ModelRef, id int64, cmp model.Comparison, force bool, by domain.Doer) error {
	fmt.Fprintln(p.stdout, cmp.Reason)
	comparison, err := json.Marshal(cmp)
	if err != nil {
		return fmt.Errorf("write the comparison: %w", err)
	}
	short := ref.Hash[:min(12, len(ref.Hash))]
	if !cmp.Better && !force {
		if err := store.JudgeModel(ctx, id, comparison, cmp.Reason); err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "Модель %s отложена. Ввести вопреки сравнению: otklik model activate %s --region %s --force\n", short, short, by.Region)
		return nil
	}
	reason, words := cmp.Reason, "введена модель «"+ref.Label+"»: "+cmp.Reason
	if !cmp.Better {
		words = "введена вопреки сравнению модель «" + ref.Label + "»: " + cmp.Reason
	}
	err = store.ActivateModel(ctx, storage.ModelSwitch{ModelRef: ref, Seen: c.seen, Forced: !cmp.Better, Comparison: comparison, Reason: reason}, by,
		domain.EntryOf(by, "model_activated", "model", short, words))
	if errors.Is(err, domain.ErrStale) {
		return errors.New("тем временем введена другая модель: сравните ещё раз")
	}
	if err != nil {
		return err
	}
	beside := "Работающие процессы перейдут на неё за несколько секунд."
	if !standsBeside(ref.Label) {
		beside = "Рядом с фразами стоят только модели row и kind: эта хранится и судит только в «otklik score»."
	}
	fmt.Fprintf(p.stdout, "Модель %s введена в действие. %s\n", short, beside)
	return nil
}

// fromDB learns from the region's database, compares, and puts into force what is
// better.
func (c trainCmd) fromDB(p *program) error {
	if c.In != "" || c.Text != "" || c.Skip != "" || c.Alternatives != "" {
		return errors.New("с --from-db нет таблицы: --in, --text, --skip и --alternatives не нужны")
	}
	if c.Region == "" {
		return errors.New("с --from-db нужен --region: чему учиться, знает регион")
	}
	if !slices.Contains(lessonLabels(), c.Label) {
		return fmt.Errorf("по базе можно учить %s, а не «%s»", strings.Join(lessonLabels(), ", "), c.Label)
	}
	if c.DryRun && !standsBeside(c.Label) {
		return errors.New("--dry-run бывает только для row и kind: другие модели сообщений не судят")
	}
	names, err := readMapping(c.Map, c.Label)
	if err != nil {
		return err
	}
	return withRegion(p, c.Region, func(ctx context.Context, in *infra, pack *rules.Pack) error {
		gathered, err := gatherLessons(ctx, in.store, pack, c.Label, names)
		if err != nil {
			return err
		}
		learn, aside := gathered.split()
		gathered.print(p.stderr, len(learn), len(aside))
		if err := c.enough(learn); err != nil {
			return err
		}
		trial, err := newCourt(ctx, p, in.store, pack, c.Label)
		if err != nil {
			return err
		}
		trial.aside = aside
		m, file, err := c.learn(p, learn, trial.hints)
		if err != nil {
			return err
		}
		printHead(p.stdout, m)
		return c.settle(ctx, p, in.store, trial, m, file, modelReport{Sources: gathered.sources(), Aside: len(aside), Labels: len(m.Labels()), Scores: m.Head.Report})
	})
}

// enough looks whether there is something to tell apart.
func (c trainCmd) enough(examples []model.Example) error {
	seen := map[string]bool{}
	for _, e := range examples {
		for _, label := range e.Labels {
			seen[label] = true
		}
	}
	switch len(seen) {
	case 0:
		return fmt.Errorf("учиться не на чем: у региона нет примеров с меткой %s. Загрузите выгрузку («otklik import») или накопите исправлений", c.Label)
	case 1:
		return fmt.Errorf("у всех примеров одна метка %s (%s): различать нечего", c.Label, examples[0].Labels[0])
	}
	return nil
}

// learn gives the model as it is read from its file: what is compared is what is kept.
func (c trainCmd) learn(p *program, examples []model.Example, hints model.Hinter) (*model.Model, []byte, error) {
	m, err := model.Train(p.ctx, examples, model.Options{Column: c.Label, Seed: c.Seed, Hints: hints, Aside: model.AsideRule, Progress: progressTo(p.stderr)})
	if err != nil {
		return nil, nil, err
	}
	var b bytes.Buffer
	if err := m.Write(&b); err != nil {
		return nil, nil, err
	}
	if c.Out != "" {
		if err := writeWhole(c.Out, m.Write); err != nil {
			return nil, nil, fmt.Errorf("записать модель: %w", err)
		}
	}
	m, err = model.Read(bytes.NewReader(b.Bytes()))
	if err != nil {
		return nil, nil, fmt.Errorf("read what was learned: %w", err)
	}
	m.Use(hints)
	return m, b.Bytes(), nil
}

// settle compares, and keeps and puts into force unless it is a dry run.
func (c trainCmd) settle(ctx context.Context, p *program, store *storage.Store, trial *court, m *model.Model, file []byte, r modelReport) error {
	compared, err := trial.compare(m, c.terms())
	if err != nil {
		return err
	}
	if c.DryRun {
		fmt.Fprintln(p.stdout, compared.Reason)
		return trial.dryRun(ctx, p, store, m, c.dryRunFlags)
	}
	report, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	by := domain.Doer{Region: trial.pack.Region.ID, Login: c.By, At: time.Now().UTC()}
	ref := domain.ModelRef{Label: c.Label, Hash: m.Sum()}
	kept, err := store.SaveModel(ctx, domain.ModelVersion{ModelRef: ref, Region: by.Region, Examples: m.Head.Examples, Report: report, Comparison: []byte("{}"),
		CreatedAt: by.At, CreatedBy: by.Login}, file,
		domain.EntryOf(by, "model_trained", "model", ref.Hash[:12], "обучена модель «"+ref.Label+"»: "+sourceWords(r.Sources)))
	if err != nil {
		return err
	}
	if ref.Hash == trial.seen {
		fmt.Fprintf(p.stdout, "Та же модель %s уже действует.\n", ref.Hash[:12])
		return nil
	}
	return trial.decide(ctx, p, store, ref, kept.ID, compared, c.Force, by)
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
