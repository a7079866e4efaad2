package classify

import (
	"testing"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

// taught is a lesson of these dangers and complaints.
func taught(t *testing.T, dangers, complaints []string) *Classifier {
	t.Helper()
	pack := &rules.Pack{
		Topics:  []rules.Topic{{Title: "Двор", Match: complaints}},
		Signals: rules.Signals{Ideas: []rules.Idea{{Idea: "дым", Danger: dangers}}},
	}
	c, err := Compile(pack, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func dangerOdds(t *testing.T, c *Classifier, s string) float64 {
	t.Helper()
	e, err := c.Explain(s)
	if err != nil {
		t.Fatal(err)
	}
	return e.DangerOdds
}

func TestLessonTellsSidesApart(t *testing.T) {
	is := []string{"Горит дом, дым валит из окна", "Дым в подъезде, люди кричат"}
	isNot := []string{"Мусор не вывозят неделю", "Яма на дороге у школы", "Автобус опаздывает каждый день"}
	c := taught(t, is, isNot)
	if hot, cold := dangerOdds(t, c, "Из подъезда валит дым"), dangerOdds(t, c, "Не вывозят мусор у школы"); hot <= cold || cold >= 0 {
		t.Errorf("odds %f and %f", hot, cold)
	}
	if misspelt := dangerOdds(t, c, "дымм в подьезде"); misspelt <= dangerOdds(t, c, "мусорр невывозят") {
		t.Errorf("letters tell nothing of a misspelt word: %f", misspelt)
	}
	if again := taught(t, is, isNot); dangerOdds(t, c, "Дым у школы") != dangerOdds(t, again, "Дым у школы") {
		t.Error("two runs learn different things")
	}
	if one := dangerOdds(t, taught(t, nil, isNot), "Дым у школы"); one > 0 {
		t.Errorf("without any danger taught the odds of danger are %f", one)
	}
}

// Regions hold the same sentences: a process learns them once. A pack that says
// anything else gets a lesson of its own.
func TestSchoolLearnsOnce(t *testing.T) {
	school := NewSchool()
	var lessons []*lesson
	for _, region := range rules.EmbeddedRegions() {
		pack, err := rules.LoadEmbedded(region)
		if err != nil {
			t.Fatal(err)
		}
		l, err := school.lesson(pack)
		if err != nil {
			t.Fatal(err)
		}
		lessons = append(lessons, l)
		other := *pack
		other.Signals.Ideas = pack.Signals.Ideas[1:]
		if o, err := school.lesson(&other); err != nil || o == l {
			t.Errorf("%s: a pack with other examples got the same lesson (%v)", region, err)
		}
	}
	if len(lessons) < 2 || lessons[0] != lessons[1] {
		t.Error("regions with the same sentences learned them twice")
	}
}

// A danger in words that no phrase holds is named by the examples, and the
// verdict shows which words did it.
func TestUnnamedDanger(t *testing.T) {
	c := embeddedClassifier(t, "khabarovsk")
	const danger = "Мойщик окон повис на одном тросе и кричит"
	v := c.Judge(&domain.Post{Text: danger})
	if !v.Urgent || len(v.Evidence) == 0 {
		t.Errorf("«%s»: urgent %t, evidence %v", danger, v.Urgent, v.Evidence)
	}
	if c.phrasesOnly().Judge(&domain.Post{Text: danger}).Urgent {
		t.Error("the phrases name it by now: choose another sentence")
	}
	if v := c.Judge(&domain.Post{Text: "Ленина 37"}); v.Urgent {
		t.Error("two words are no danger")
	}
}
