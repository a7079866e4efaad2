package packs

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// Model is a version of a model: those in force, and of each label the newest one
// that stays aside.
type Model struct {
	Label       string // row, kind, …
	Hash        string
	Examples    int // learned from
	Aside       int // compared on
	Accuracy    float64
	Active      bool
	Forced      bool   // against the comparison
	Judges      bool   // beside the phrases of this process
	Broken      bool   // in force, but not taken over: the one before, or none, judges
	Reason      string // Russian
	CreatedAt   time.Time
	CreatedBy   string
	ActivatedAt time.Time
	ActivatedBy string
}

// modelRow is a model as the page shows it.
type modelRow struct {
	Model
	Title, Short, When, Who, Right string
}

func modelRows(r *page.Request, list []Model) []modelRow {
	rows := make([]modelRow, 0, len(list))
	for _, m := range list {
		row := modelRow{Model: m, Title: labelWords(m.Label), Short: short(m.Hash), When: r.When(m.CreatedAt), Who: m.CreatedBy, Right: "не сравнивалась"}
		if m.Active {
			row.When, row.Who = r.When(m.ActivatedAt), m.ActivatedBy
		}
		if m.Aside > 0 {
			row.Right = strings.Replace(fmt.Sprintf("%.1f\u00a0%% из %s", 100*m.Accuracy, page.Count(m.Aside)), ".", ",", 1)
		}
		rows = append(rows, row)
	}
	return rows
}

// labelWords says what a model has learned.
func labelWords(label string) string {
	switch label {
	case "row":
		return "строки перечня"
	case "kind":
		return "виды сообщений"
	case "topic":
		return "темы"
	case "agency":
		return "органы"
	case "incident_topic":
		return "темы выгрузки"
	case "incident_group":
		return "группы тем выгрузки"
	}
	return label
}

// rollbackModel goes back from the model that the page showed to the one before it.
func (p *Pages) rollbackModel(r *page.Request) error {
	label, seen := r.Text("label"), r.Text("model")
	if label == "" || seen == "" {
		return page.Invalid("model", "Форма устарела: откройте «Правила» заново.")
	}
	hash, err := p.Rules.RollbackModel(r.Context(), r.Doer(), label, seen)
	switch {
	case errors.Is(err, domain.ErrStale), errors.Is(err, domain.ErrNotFound):
		return page.Stale("Пока вы смотрели, действующую модель сменили. Ничего не изменено: откройте «Правила», посмотрите её и решите заново.")
	case err != nil:
		return err
	case hash == "":
		r.Notify(page.Notice{Text: "Модель снята: снова судят одни фразы. Все процессы перейдут на них за несколько секунд."})
	default:
		r.Notify(page.Notice{Text: "Снова действует модель " + short(hash) + ". Все процессы перейдут на неё за несколько секунд."})
	}
	return r.Redirect("/rules")
}
