package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/desk/packs"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
)

// fromDB learns from the region's database, compares, and puts into force what is
// better.
func (c trainCmd) fromDB(p *program) error {
	if c.In != "" || c.Text != "" || c.Skip != "" || c.With != "" || c.Alternatives != "" {
		return errors.New("с --from-db нет таблицы: --in, --text, --skip, --with и --alternatives не нужны")
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
	if c.Out != "" {
		if err := writable(c.Out); err != nil {
			return err
		}
	}
	return withRegion(p, c.Region, func(ctx context.Context, in *infra, pack *rules.Pack) error {
		run := &learningRun{cmd: c, p: p, store: in.store}
		return run.do(ctx, func(ctx context.Context) (packs.Training, error) {
			return c.train(ctx, run, pack)
		})
	})
}

// train is the whole way from examples to what became of the model.
func (c trainCmd) train(ctx context.Context, run *learningRun, pack *rules.Pack) (packs.Training, error) {
	p, store := run.p, run.store
	names, given, err := mappingNamed(ctx, p.stderr, store, pack.Region.ID, c.Label, c.Map)
	if err != nil {
		return packs.Training{}, err
	}
	run.given = given
	gathered, err := gatherLessons(ctx, store, pack, c.Label, names)
	if err != nil {
		return packs.Training{}, err
	}
	learn, aside := gathered.split()
	gathered.print(p.stderr, len(learn), len(aside))
	if err := c.enough(learn); err != nil {
		return packs.Training{}, err
	}
	trial, err := newCourt(ctx, p, store, pack, c.Label)
	if err != nil {
		return packs.Training{}, err
	}
	trial.aside, trial.others = aside, gathered.othersAlone()
	m, file, err := c.learn(ctx, run, pack, learn, trial.hints)
	if err != nil {
		return packs.Training{}, err
	}
	printHead(p.stdout, m)
	out := packs.Training{Hash: m.Sum(), Pack: pack.Hash, Examples: m.Head.Examples, Aside: len(aside), Sources: sourceWords(gathered.sources()), Left: leftOut(gathered)}
	if err := c.settle(ctx, run, trial, m, file, &out, modelReport{Sources: gathered.sources(), Aside: len(aside), Labels: len(m.Labels()), Scores: m.Head.Report}); err != nil {
		return packs.Training{}, err
	}
	return out, nil
}

// leftOut is what taught nothing, the most first.
func leftOut(l *lessons) []packs.LeftOut {
	var out []packs.LeftOut
	for _, why := range slices.Sorted(maps.Keys(l.left)) {
		out = append(out, packs.LeftOut{Why: why, N: l.left[why]})
	}
	slices.SortStableFunc(out, func(a, b packs.LeftOut) int { return b.N - a.N })
	return out
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
func (c trainCmd) learn(ctx context.Context, run *learningRun, pack *rules.Pack, examples []model.Example, hints model.Hinter) (*model.Model, []byte, error) {
	examples, finer := withTopics(examples)
	var meaning func(string) string
	if c.Label == labelRow {
		meaning = classify.RowMeaning(pack)
	}
	m, err := model.Train(ctx, examples, model.Options{Column: c.Label, Finer: finer, Seed: c.Seed, Hints: hints, Aside: model.AsideRule, Meaning: meaning,
		Places: c.Places && c.Label == labelAgency, Progress: run.learning()})
	if err != nil {
		return nil, nil, modelFault(err)
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
	return m, b.Bytes(), m.Use(hints)
}

// keepModels is how many versions of a label stay besides the one in force and the
// one to go back to from it.
const keepModels = 10

// settle compares, and keeps and puts into force unless it is a dry run.
func (c trainCmd) settle(ctx context.Context, run *learningRun, trial *court, m *model.Model, file []byte, out *packs.Training, r modelReport) error {
	p, store := run.p, run.store
	compared, err := trial.compare(m, c.terms())
	if err != nil {
		return err
	}
	compareInto(out, compared)
	if c.DryRun {
		fmt.Fprintln(p.stdout, compared.Reason)
		if out.Unseen != "" {
			fmt.Fprintln(p.stdout, out.Unseen)
		}
		changes, err := run.changes(ctx, trial, m)
		out.Run = &changes
		return err
	}
	if err := run.still(ctx); err != nil {
		return err
	}
	by := domain.Doer{Region: trial.pack.Region.ID, Login: c.By, At: time.Now().UTC()}
	if err := keepMapping(ctx, p.stderr, store, c.Map, c.Label, run.given, by); err != nil {
		return err
	}
	kept, err := c.save(ctx, store, m, file, r, by)
	if err != nil {
		return err
	}
	if out.Outcome = packs.SameModel; kept.Hash != trial.seen {
		if out.Outcome, err = trial.decide(ctx, p, store, kept.ModelRef, kept.ID, compared, c.Force, by); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(p.stdout, "Та же модель %s уже действует.\n", kept.Hash[:12])
	}
	dropped, err := store.DropOldModels(ctx, c.Label, keepModels, by)
	if out.Dropped = len(dropped); len(dropped) > 0 {
		fmt.Fprintf(p.stdout, "Удалены старые версии, сверх %d последних: %s\n", keepModels, strings.Join(dropped, ", "))
	}
	return err
}

func (c trainCmd) save(ctx context.Context, store *storage.Store, m *model.Model, file []byte, r modelReport, by domain.Doer) (domain.ModelVersion, error) {
	report, err := json.Marshal(r)
	if err != nil {
		return domain.ModelVersion{}, fmt.Errorf("write the report: %w", err)
	}
	ref := domain.ModelRef{Label: c.Label, Hash: m.Sum()}
	return store.SaveModel(ctx, domain.ModelVersion{ModelRef: ref, Region: by.Region, Examples: m.Head.Examples, Report: report, Comparison: []byte("{}"),
		CreatedAt: by.At, CreatedBy: by.Login}, file,
		domain.EntryOf(by, "model_trained", "model", ref.Hash[:12], "обучена модель «"+ref.Label+"»: "+sourceWords(r.Sources)))
}

// compareInto says how the new model did beside the one in force.
func compareInto(out *packs.Training, c model.Comparison) {
	out.Reason, out.Better, out.Compared, out.Present, out.Next = c.Reason, c.Better, c.N, c.Present.Accuracy, c.Next.Accuracy
	out.Unseen = unseenWords(c.Unseen)
	for _, w := range c.Worse {
		out.Worse = append(out.Worse, packs.Loss{Label: w.Label, N: w.N, Present: w.Present, Next: w.Next})
	}
}
