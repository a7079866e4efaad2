package packs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// Outcome is what became of a model that was learned.
type Outcome string

// Outcomes; of a dry run there is none.
const (
	PutInForce Outcome = "in_force"
	KeptAside  Outcome = "aside"
	SameModel  Outcome = "same" // the one in force came out again
)

// Training is how learning a model ended.
type Training struct {
	Hash     string    `json:"hash"`
	Examples int       `json:"examples"` // learned from
	Aside    int       `json:"aside"`    // kept for comparing
	Sources  string    `json:"sources"`  // Russian: how many from where
	Pack     string    `json:"pack"`     // hash of the rules it stood beside
	Left     []LeftOut `json:"left,omitempty"`
	Outcome  Outcome   `json:"outcome,omitempty"`
	Reason   string    `json:"reason"` // Russian: how it did beside the one in force
	Better   bool      `json:"better"`
	Compared int       `json:"compared"` // examples both judged
	Present  float64   `json:"present"`
	Next     float64   `json:"next"`
	Worse    []Loss    `json:"worse,omitempty"`   // labels that lose more than the margin
	Unseen   string    `json:"unseen,omitempty"`  // Russian: what would go to a body unseen
	Dropped  int       `json:"dropped,omitempty"` // old versions deleted
	Run      *DryRun   `json:"run,omitempty"`
}

// LeftOut is why so many examples teach nothing.
type LeftOut struct {
	Why string `json:"why"` // Russian
	N   int    `json:"n"`
}

// Loss is a label of which the new model knows less.
type Loss struct {
	Label   string  `json:"label"`
	N       int     `json:"n"`
	Present float64 `json:"present"`
	Next    float64 `json:"next"`
}

// LearningStore keeps orders to learn.
type LearningStore interface {
	// OrderLearning notes an order; domain.ErrUnderWay when it is noted already.
	OrderLearning(ctx context.Context, t domain.Background, noted ...domain.Entry) (int64, error)
	LearningUnderWay(ctx context.Context, region string, now time.Time) ([]domain.Background, error)
}

// labelTitle heads what is about a label.
func labelTitle(label string) string {
	if label == "kind" {
		return "Виды сообщений"
	}
	return "Строки перечня"
}

// learnable are the labels that judge posts beside the phrases.
func learnable() []string { return []string{"row", "kind"} }

// learningView is the page «Обучение».
type learningView struct {
	Now    *learningWork // what is at work or waits
	Queue  []learningWork
	Labels []labelView
	Manage bool
	Region string
}

// learningWork is a training under way.
type learningWork struct {
	work
	What    string // «Пробный прогон: строки перечня»
	Waiting bool
	Late    bool // nobody takes it
}

// labelView is what is known of one label.
type labelView struct {
	Label, Title string
	May          bool   // a dry run has been looked at that holds yet
	Stale        string // why the last one does not
	Trained, Dry *trainingView
}

// trainingView is the last training of a label, as it ended.
type trainingView struct {
	work
	Training
	FinishedAt time.Time

	Verdict string
	Gain    string // «+2,5 п. п.», "" for none
	Worse   []lossView
	Changes dryRunView
}

type lossView struct{ Label, Present, Next, N string }

// lateOrder is after how long an order that nobody takes is spoken of.
const lateOrder = time.Minute

func (p *Pages) learning(r *page.Request) error {
	v, err := p.learningView(r)
	if err != nil {
		return err
	}
	if r.Partial() {
		return r.Fragment("learning", "learning", v)
	}
	return r.Render("learning", v)
}

func (p *Pages) learningView(r *page.Request) (learningView, error) {
	v := learningView{Manage: r.Can(access.ManageRules, access.Object{}), Region: r.Region.Name}
	under, err := p.Learning.LearningUnderWay(r.Context(), r.Region.ID, p.Clock.Now())
	if err != nil {
		return v, err
	}
	for i, t := range under {
		w := learningWork{work: showWork(r, t), What: learningWords(t), Waiting: t.Waiting, Late: t.Waiting && i == 0 && p.Clock.Now().Sub(t.CreatedAt) > lateOrder}
		if i == 0 {
			v.Now = &w
		} else {
			v.Queue = append(v.Queue, w)
		}
	}
	for _, label := range learnable() {
		l := labelView{Label: label, Title: labelTitle(label)}
		if l.Trained, err = p.lastTraining(r, domain.TaskTrain, label); err != nil {
			return v, err
		}
		if l.Dry, err = p.lastTraining(r, domain.TaskTrainDryRun, label); err != nil {
			return v, err
		}
		if l.Stale, err = p.staleDryRun(r, label, l.Dry); err != nil {
			return v, err
		}
		l.May = l.Dry != nil && l.Dry.Finished && l.Stale == ""
		v.Labels = append(v.Labels, l)
	}
	return v, nil
}

func learningWords(t domain.Background) string {
	if t.Kind == domain.TaskTrainDryRun {
		return "Пробный прогон: " + labelWords(t.Subject)
	}
	return "Обучение: " + labelWords(t.Subject)
}

// dryRunHolds is how long a dry run tells of the examples and posts there are.
const dryRunHolds = 24 * time.Hour

// staleDryRun says why a finished dry run no longer tells what training would do, ""
// when it does.
func (p *Pages) staleDryRun(r *page.Request, label string, dry *trainingView) (string, error) {
	if dry == nil || !dry.Finished {
		return "", nil
	}
	if p.Clock.Now().Sub(dry.FinishedAt) > dryRunHolds {
		return staleOld, nil
	}
	trained, err := p.Store.LatestTask(r.Context(), r.Region.ID, domain.TaskTrain, label, p.Clock.Now())
	switch {
	case err != nil && !errors.Is(err, domain.ErrNotFound):
		return "", err
	case err == nil && trained.State == domain.BackgroundDone && trained.FinishedAt.After(dry.FinishedAt):
		return staleTrained, nil
	}
	versions, err := p.Rules.Versions(r.Context(), r.Region.ID)
	if err != nil {
		return "", err
	}
	if slices.ContainsFunc(versions, func(v Version) bool { return v.Active && v.Hash != dry.Pack }) {
		return stalePack, nil
	}
	return "", nil
}

// lastTraining is the last training of a kind that has ended; nil when there was none.
func (p *Pages) lastTraining(r *page.Request, kind, label string) (*trainingView, error) {
	t, err := p.Store.LatestTask(r.Context(), r.Region.ID, kind, label, p.Clock.Now())
	if errors.Is(err, domain.ErrNotFound) || err == nil && t.State == domain.BackgroundRunning {
		return nil, nil //nolint:nilnil // none is an answer
	}
	if err != nil {
		return nil, err
	}
	v := &trainingView{work: showWork(r, t)}
	if v.Training, err = result[Training](t); err != nil {
		return nil, fmt.Errorf("read how learning ended: %w", err)
	}
	if !v.Finished {
		return v, nil
	}
	v.When, v.FinishedAt = r.When(t.FinishedAt), t.FinishedAt
	v.Verdict = verdictOf(v.Training)
	if v.Next != v.Present {
		v.Gain = strings.Replace(fmt.Sprintf("%+.1f\u00a0п.\u00a0п.", 100*(v.Next-v.Present)), ".", ",", 1)
	}
	for _, l := range v.Training.Worse {
		v.Worse = append(v.Worse, lossView{Label: lossLabel(r, label, l.Label), N: page.Count(l.N), Present: share(l.Present), Next: share(l.Next)})
	}
	if v.Run != nil {
		v.Changes = showDryRun(r, *v.Run, "/rules/learning/"+label+"/dry-run.xlsx")
	}
	return v, nil
}

// verdictOf says in one sentence what became of a model.
func verdictOf(t Training) string {
	switch {
	case t.Outcome == PutInForce && t.Better:
		return "Новая модель лучше и введена в действие"
	case t.Outcome == PutInForce:
		return "Новая модель введена в действие вопреки сравнению"
	case t.Outcome == SameModel:
		return "Вышла та же модель, что уже действует: новых примеров нет"
	case t.Outcome == KeptAside:
		return "Новая модель не лучше: отложена, судит прежняя"
	case t.Better:
		return "Новая модель была бы введена в действие"
	}
	return "Новая модель была бы отложена"
}

func share(f float64) string { return page.Decimal(100*f, 1) + "\u00a0%" }

// lossLabel names a label as people know it.
func lossLabel(r *page.Request, column, label string) string {
	if column == "kind" {
		switch domain.Kind(label) {
		case domain.Problem:
			return "проблема"
		case domain.Thanks:
			return "благодарность"
		case domain.Other:
			return "не обращение"
		}
		return label
	}
	if label == "-" {
		return "обычный порядок"
	}
	row, err := strconv.Atoi(label)
	if err != nil {
		return label
	}
	return r.Region.Category(domain.Case{Region: r.Region.ID, Row: row})
}

// orderLearning notes an order to learn, or to try how that would be.
func (p *Pages) orderLearning(kind string) func(*page.Request) error {
	return func(r *page.Request) error {
		label := r.Text("label")
		if !slices.Contains(learnable(), label) {
			return page.Invalid("label", "Выберите, чему учить: "+labelWords("row")+" или "+labelWords("kind")+".")
		}
		if kind == domain.TaskTrain {
			dry, err := p.lastTraining(r, domain.TaskTrainDryRun, label)
			if err != nil {
				return err
			}
			if dry == nil || !dry.Finished {
				return page.Invalid("label", "Сначала посмотрите пробный прогон: какие сообщения новая модель судила бы иначе.")
			}
			stale, err := p.staleDryRun(r, label, dry)
			if err != nil {
				return err
			}
			if stale != "" {
				return page.Invalid("label", stale)
			}
		}
		t := domain.Background{Region: r.Region.ID, Kind: kind, Subject: label, Who: r.User.Login, CreatedAt: p.Clock.Now(), Waiting: true}
		_, err := p.Learning.OrderLearning(r.Context(), t, domain.EntryOf(r.Doer(), "learning_ordered", "model", label, "заказано: "+learningWords(t)))
		if errors.Is(err, domain.ErrUnderWay) { // a second click
			r.Notify(page.Notice{Text: "Это уже заказано: вторая работа не начата."})
		} else if err != nil {
			return err
		}
		return r.Redirect("/rules/learning")
	}
}

// learningFile is what a new model would change.
func (p *Pages) learningFile(r *page.Request) error {
	label := r.PathValue("label")
	if !slices.Contains(learnable(), label) {
		return page.NotFound("Такой модели нет.")
	}
	t, err := p.lastTraining(r, domain.TaskTrainDryRun, label)
	if err != nil {
		return err
	}
	if t == nil || t.Run == nil {
		return page.NotFound("Готового пробного прогона нет: сначала прогоните.")
	}
	return sendDryRun(r, "Пробный прогон модели "+r.Today().Words(), "модель: "+labelWords(label), *t.Run, t.work)
}
