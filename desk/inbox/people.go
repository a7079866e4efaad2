package inbox

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// givers are the people who may get some of the tasks of a list: of the bodies
// whose tasks are on it.
func (in *Inbox) givers(r *page.Request, workers []domain.Worker, lines []domain.TaskLine) ([]choice, error) {
	bodies := map[string]bool{}
	for _, l := range lines {
		bodies[l.Case.AgencyID] = true
	}
	workers = slices.DeleteFunc(slices.Clone(workers), func(w domain.Worker) bool { return !bodies[w.Body] })
	return in.offer(r, workers, len(bodies) > 1)
}

// offer words people for a choice: how much they have, and who is away. Somebody
// away cannot be chosen; their deputy, if at work, is named beside them.
func (in *Inbox) offer(r *page.Request, workers []domain.Worker, withBody bool) ([]choice, error) {
	roster, err := in.Store.Roster(r.Context(), r.Region.ID, r.Today())
	if err != nil {
		return nil, err
	}
	var present, away []choice
	for _, w := range workers {
		c := choice{Value: strconv.FormatInt(w.ID, 10), Title: w.Name}
		if withBody {
			c.Title += ", " + r.Region.Agency(w.Body)
		}
		cover := roster.Cover(w.Login, r.Today())
		if cover.Why == domain.CoverPresent {
			c.Title += load(w)
			present = append(present, c)
			continue
		}
		c.Off = true
		c.Title += " — " + coverWords(cover, nameOf(workers, cover.Login))
		away = append(away, c)
	}
	return append(present, away...), nil
}

func load(w domain.Worker) string {
	words := fmt.Sprintf(" · %d в работе", w.Open)
	if w.Overdue > 0 {
		words += fmt.Sprintf(", %d просрочено", w.Overdue)
	}
	return words
}

// coverWords says who does the work of somebody away.
func coverWords(c domain.Cover, deputy string) string {
	words := "отсутствует по " + c.Until.Words()
	switch c.Why {
	case domain.CoverDeputy:
		return words + ", замещает " + deputy
	case domain.CoverNoDeputy:
		return words + ", замещающего нет: решает координатор"
	case domain.CoverDeputyAway:
		return words + ", замещающий тоже отсутствует: решает координатор"
	case domain.CoverPresent:
	}
	return words
}

func nameOf(workers []domain.Worker, login string) string {
	for _, w := range workers {
		if w.Login == login {
			return w.Name
		}
	}
	return login
}

// names words logins of a body's people; a login nobody here has stays as it is.
func names(workers []domain.Worker, u domain.User) func(string) string {
	return func(login string) string {
		if login == u.Login {
			return "вы"
		}
		return nameOf(workers, login)
	}
}
