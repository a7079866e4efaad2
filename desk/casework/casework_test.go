package casework

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

func TestSegments(t *testing.T) {
	text := "У дома яма, ёлка и снег"
	ev := func(start, end int, why string, against bool) domain.Evidence {
		return domain.Evidence{Start: start, End: end, Why: why, Against: against}
	}
	for name, c := range map[string]struct {
		give []domain.Evidence
		want string
	}{
		"none":           {nil, "У дома яма, ёлка и снег"},
		"letters, bytes": {[]domain.Evidence{ev(12, 16, "дерево", false), ev(7, 10, "яма", false)}, "У дома |яма=яма|, |ёлка=дерево| и снег"},
		"against":        {[]domain.Evidence{ev(19, 23, "зима", true)}, "У дома яма, ёлка и |снег!зима|"},
		"overlapping":    {[]domain.Evidence{ev(7, 10, "первое", false), ev(8, 12, "второе", false)}, "У дома |яма=первое|, ёлка и снег"},
		"outside":        {[]domain.Evidence{ev(20, 99, "x", false), ev(5, 5, "x", false)}, "У дома яма, ёлка и снег"},
		"whole":          {[]domain.Evidence{ev(0, 23, "всё", false)}, "|У дома яма, ёлка и снег=всё|"},
	} {
		got := ""
		for _, s := range Segments(text, c.give) {
			switch {
			case s.Why == "":
				got += s.Text
			case s.Against:
				got += "|" + s.Text + "!" + s.Why + "|"
			default:
				got += "|" + s.Text + "=" + s.Why + "|"
			}
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// fewPack knows two rows and two topics.
type fewPack struct{ Pack }

func (fewPack) Subjects() []Subject {
	s := func(row int, topic, category, name string) Subject {
		return Subject{Subject: domain.Subject{Row: row, Topic: topic}, Category: category, Name: name, Search: Fold(category + " " + name)}
	}
	return []Subject{s(1, "", "Автомобильные дороги", "ямы, выбоины"), s(2, "", "Мусор", "контейнерные площадки"),
		s(0, "", "обычный порядок", ""), s(0, "noise.night", "обычный порядок", "Шум по ночам")}
}

func TestLookUp(t *testing.T) {
	for typed, want := range map[string]string{
		"":            "",
		"ямы":         "1",
		"ЯМ дорог":    "1",
		"ям мус":      "",
		"2":           "2",
		"конт пло":    "2",
		"ночам":       "0:noise.night",
		"обыч":        "0 0:noise.night",
		"бильные":     "", // from the beginning of a word
		"ямы-выбоины": "1",
	} {
		var got []string
		for _, s := range LookUp(fewPack{}, typed) {
			got = append(got, s.Code())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q finds %v, want %q", typed, got, want)
		}
	}
}

func TestSubjectsInForms(t *testing.T) {
	for _, s := range (fewPack{}).Subjects() {
		back, err := ParseSubject(fewPack{}, "pick", s.Code())
		if err != nil || *back != s.Subject {
			t.Errorf("%s: %+v, %v", s.Code(), back, err)
		}
	}
	var bad page.BadInput
	if _, err := ParseSubject(fewPack{}, "pick", "99"); !errors.As(err, &bad) || bad.Field != "pick" {
		t.Errorf("an unknown row: %v", err)
	}
	if s, err := ParseSubject(fewPack{}, "pick", ""); err != nil || s != nil {
		t.Errorf("nothing chosen: %+v, %v", s, err)
	}
	if got := FindSubject(fewPack{}, domain.Subject{Row: 1, Topic: "roads.potholes"}).Words(); got != "стр. 1 · Автомобильные дороги / ямы, выбоины" {
		t.Errorf("a row with its topic: %s", got)
	}
}

func TestEverythingInTheHistoryHasWords(t *testing.T) {
	for _, what := range []string{"opened", "moved", "assigned", "posts", "overdue", "changed", "post_edited", "post_deleted", "undone", "joined",
		"split", "note", "file", "reply", "question", "send_back", "deferral", "linked", "unlinked", "review"} {
		if got := What(domain.CaseEvent{What: what, To: domain.Execution}); got == what || got == "" {
			t.Errorf("%s has no words", what)
		}
	}
	for _, list := range [][]Choice{RejectReasons(), CloseReasons()} {
		for _, c := range list {
			if Closing(domain.ClosingReason(c.ID)) != c.Name {
				t.Errorf("%s: %q", c.ID, Closing(domain.ClosingReason(c.ID)))
			}
		}
	}
	if _, err := ClosingOf(RejectReasons(), "closing", string(domain.AuthorSatisfied)); err == nil {
		t.Error("a reason for done rejects a case")
	}
}

func TestFaultsOfDecisionsAreTold(t *testing.T) {
	for _, err := range []error{domain.ErrNoAgency, domain.ErrNoReason, domain.ErrSameCase, domain.ErrOtherPlace, domain.ErrLastPost,
		domain.ErrClosedCase, domain.ErrNoMove, domain.ErrTooLate, domain.ErrUnavailable} {
		if Words(err) == Words(errors.New("x")) {
			t.Errorf("%v has no words", err)
		}
	}
}

func TestBulkLeavesDangerToPeople(t *testing.T) {
	decide := DecideBulk(func(string) (Pack, bool) { return assigningPack{}, true })
	o := domain.BulkOrder{Action: domain.BulkAssign, Who: "anna", At: time.Now()}
	calm := domain.Case{ID: 1, Version: 4, State: domain.Moderation, Proposed: "city"}
	if ch, err := decide(o, calm); err != nil || ch.To != domain.Coordination || ch.Version != 4 || *ch.Agency != "city" {
		t.Errorf("%+v, %v", ch, err)
	}
	o.Closing, o.Until, o.StoryID = domain.Advert, o.At.Add(time.Hour), 7
	urgent := calm
	urgent.Urgent = true
	for _, action := range []domain.BulkAction{domain.BulkAssign, domain.BulkReject, domain.BulkAside, domain.BulkStory} {
		o.Action = action
		if _, err := decide(o, calm); err != nil {
			t.Errorf("%s of an everyday case: %v", action, err)
		}
		if _, err := decide(o, urgent); err == nil || err.Error() != "срочное: по одному" {
			t.Errorf("%s of an urgent case by list: %v", action, err)
		}
	}
	for _, c := range []struct {
		action domain.BulkAction
		item   domain.ReviewWhole
		want   domain.ReviewChange
		words  string
	}{
		{domain.BulkReject, domain.ReviewWhole{}, domain.ReviewChange{How: domain.ResolvedNotCase, Why: o.Closing}, ""},
		{domain.BulkAside, domain.ReviewWhole{CaseID: 5}, domain.ReviewChange{Until: o.Until}, ""},
		{domain.BulkReject, domain.ReviewWhole{CaseID: 5}, domain.ReviewChange{}, "автор изменил сообщение инцидента: по одному"},
		{domain.BulkAside, domain.ReviewWhole{ReviewLine: domain.ReviewLine{Urgent: true}}, domain.ReviewChange{}, "срочное: по одному"},
		{domain.BulkAssign, domain.ReviewWhole{}, domain.ReviewChange{}, "инцидента ещё нет: откройте его, назначить можно будет после"},
	} {
		o.Action = c.action
		got, err := DecideReview(o, c.item)
		if got != c.want || (err == nil) != (c.words == "") || err != nil && err.Error() != c.words {
			t.Errorf("%s of %+v: %+v, %v", c.action, c.item, got, err)
		}
	}
	hidden := calm
	hidden.Restricted = true
	if _, err := decide(domain.BulkOrder{Action: domain.BulkAssign}, hidden); err == nil || err.Error() != "доступ ограничен: по одному" {
		t.Errorf("a restricted case given by list: %v", err)
	}
	if _, err := decide(domain.BulkOrder{Action: "burn"}, calm); err == nil {
		t.Error("an unknown action is done")
	}
}

type assigningPack struct{ Pack }

func (assigningPack) Correct(_ time.Time, c domain.Case, _ domain.Fix) (domain.Corrected, error) {
	return domain.Corrected{AgencyID: c.Proposed}, nil
}

func TestNamedFirst(t *testing.T) {
	all := []Choice{{"a", "А"}, {"b", "Б"}, {"c", "В"}}
	for name, c := range map[string]struct {
		named []string
		want  []Choice
	}{
		"none":           {nil, all},
		"one":            {[]string{"b"}, all},
		"two":            {[]string{"c", "a"}, []Choice{{"c", "В — назван в тексте"}, {"a", "А — назван в тексте"}, {"b", "Б"}}},
		"gone from pack": {[]string{"x", "c"}, []Choice{{"c", "В — назван в тексте"}, {"a", "А"}, {"b", "Б"}}},
	} {
		if got := NamedFirst(all, c.named); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}
