package browser

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

// importLearnable keeps incidents in words of no pack, under names of two topics of
// different rows.
func (s *stand) importLearnable(t *testing.T) {
	t.Helper()
	pack, err := rules.LoadEmbedded(region)
	if err != nil {
		t.Fatal(err)
	}
	var titles []string
	last := 0
	for _, topic := range pack.Topics {
		if row := pack.RowOf(topic.ID); row != 0 && row != last && len(titles) < 2 {
			titles, last = append(titles, topic.Title), row
		}
	}
	letters := strings.Fields("ба ве ги до жу зэ кю ля мо не")
	var list []domain.PastIncident
	for i := range 120 {
		word := "ве" + letters[i/100] + letters[i/10%10] + letters[i%10]
		for k, thing := range []string{"чмонька", "шмяга"} {
			list = append(list, domain.PastIncident{Number: fmt.Sprint(thing, i), Text: "Сколько можно терпеть? Во дворе опять " + thing + ", примите меры, никто не отвечает! " + word, Topic: titles[k], CreatedAt: time.Now().UTC()})
		}
	}
	if _, err := s.store.PutPastIncidents(t.Context(), region, "выгрузка.xlsx", list, domain.Doer{Region: region, Login: "admin27", At: time.Now().UTC()}); err != nil {
		t.Fatal(err)
	}
}

// An administrator tries a new model out, sees the way of it without touching the
// page, learns it, and goes back from it.
func TestAModelIsLearnedFromThePage(t *testing.T) {
	s := open(t)
	s.importLearnable(t)
	v := s.enter(t, "admin")
	v.must(v.Go("/rules"), v.Click("a", "Обучить модель"), v.At("/rules/learning"))
	v.must(v.Click("form[action$='/dry-run'] button"), v.Has("Пробный прогон: строки перечня"))
	v.must(v.Await("the dry run to end by itself", "document.querySelector('#learning').innerText.includes('Просмотрено:')"))
	v.must(v.Has("Новая модель была бы введена в действие"), v.Click("form[action$='/start'] button"))
	v.must(v.Await("the model to be learned", "document.querySelector('#learning').innerText.includes('лучше и введена в действие') && !document.querySelector('#learning progress')"))
	if n := s.query(t, "SELECT count(*) FROM model_versions WHERE active AND created_by = 'admin27'"); n != 1 {
		t.Errorf("%d models are in force", n)
	}
	v.must(v.Go("/rules"), v.Click("button", "Вернуть прежнюю"), v.Told("снова судят одни фразы"))
}
