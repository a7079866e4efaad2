package classify

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/otklik/otklik/domain"
)

// The demo feed says of each post what it is: small talk, news and thanks must
// not fill the clerk's list, and no complaint may be lost as small talk.
func TestKindsOfDemoFeed(t *testing.T) {
	khabarovsk, kaliningrad := embeddedClassifier(t, "khabarovsk"), embeddedClassifier(t, "kaliningrad")
	var idle, taken, rows, lost int
	for _, line := range jsonLines(t, "../demo/feed.jsonl") {
		var post struct{ ID, Text, Note string }
		if err := json.Unmarshal(line, &post); err != nil {
			t.Fatal(err)
		}
		if post.Text == "" {
			continue
		}
		c := khabarovsk
		if strings.HasPrefix(post.ID, "kg") {
			c = kaliningrad
		}
		kind := c.Judge(&domain.Post{Text: post.Text}).Kind
		note, _, _ := strings.Cut(post.Note, " ")
		switch strings.Trim(note, ",;:") {
		case "news", "ad", "joke", "greeting", "thanks":
			idle++
			if kind == domain.Problem {
				taken++
				t.Logf("%s taken for a problem: %s", note, post.Text)
			}
		case "row":
			rows++
			if kind == domain.Other {
				lost++
				t.Logf("lost: %s", post.Text)
			}
		}
	}
	if idle < 50 || rows < 150 {
		t.Fatalf("%d idle posts, %d complaints: too few to judge", idle, rows)
	}
	if share := float64(taken) / float64(idle); share > 0.15 {
		t.Errorf("%d of %d idle posts taken for problems, at most 0.15", taken, idle)
	}
	if share := float64(lost) / float64(rows); share > 0.04 {
		t.Errorf("%d of %d complaints lost, at most 0.04", lost, rows)
	}
}

func jsonLines(t *testing.T, name string) [][]byte {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var lines [][]byte
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		if len(s.Bytes()) > 0 {
			lines = append(lines, append([]byte(nil), s.Bytes()...))
		}
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

// Who writes the same again and again cries; it is not the length by which news
// is told.
func TestARepeatedCryIsHeard(t *testing.T) {
	c := embeddedClassifier(t, "khabarovsk")
	for _, times := range []int{1, 5, 20, 300} {
		v := c.Judge(&domain.Post{Text: strings.Repeat("Яма на дороге. ", times)})
		if v.Kind != domain.Problem || v.Row != 3 {
			t.Errorf("%d times: %s, row %d: %s", times, v.Kind, v.Row, v.Reason)
		}
	}
}

// What may be no complaint says why, and is not sent unseen; a complaint in words
// leaves no doubt.
func TestDoubtKeepsNewsFromBodies(t *testing.T) {
	c := embeddedClassifier(t, "khabarovsk")
	for _, said := range []string{
		"В четверг в сквере у фонтана выступит духовой оркестр, начало в 19:00",
		"Открыт набор дошкольников в кружок самбо, пробное занятие бесплатно",
		"Продаётся дача: рядом остановка, свет проведён, дорога отсыпана щебнем",
		"Укладка тротуарной плитки на площади завершена, объект приняла комиссия",
		"Запись к врачу теперь можно оформить в мессенджере, сообщили в поликлинике",
	} {
		if v := c.Judge(&domain.Post{Text: said}); v.Kind == domain.Problem && v.Doubt == "" {
			t.Errorf("«%s»: row %d without a doubt: %s", said, v.Row, v.Reason)
		}
	}
	for _, said := range []string{
		"Огромная яма на дороге у школы, прошу отремонтировать, машины бьют колёса",
		"Третью неделю не вывозят мусор с площадки, когда это прекратится?",
		"Не могу записаться к терапевту: талонов нет уже месяц, что нам делать?",
	} {
		v := c.Judge(&domain.Post{Text: said})
		if v.Kind != domain.Problem || v.Doubt != "" {
			t.Errorf("«%s»: %s, doubt «%s»", said, v.Kind, v.Doubt)
		}
	}
}

// What is written for the readers of a channel and hardly complains is put before a
// person; a plain complaint, with a typeset dash too, is a problem.
func TestPublishedIsNoCaseByItself(t *testing.T) {
	c := embeddedClassifier(t, "khabarovsk")
	for _, s := range []string{
		"**Жители остались без света**\n\nНа Ленина третий день темно.",
		"🏢 В городе перестали убирать дворы\n\nВласти предлагают жителям потерпеть.",
	} {
		if v := judge(c, s); v.Kind != domain.Other || v.Doubt == "" || !strings.Contains(v.Reason, "сомнение") {
			t.Errorf("%q: %q, doubt %q", s, v.Kind, v.Doubt)
		}
	}
	for _, s := range []string{
		"Во дворе на Ленина 5 третью неделю не вывозят мусор — сколько можно?",
		"😡 Двор завалили мусором, никто не убирает!",
		"[id7|Пётр], у нас на Мира 5 то же самое, мусор не вывозят",
		"Здравствуйте! На Ленина 5 огромная яма, сделайте что-нибудь. Фото: https://example.org/1.jpg",
	} {
		if v := judge(c, s); v.Kind != domain.Problem {
			t.Errorf("%q: %q (%s)", s, v.Kind, v.Reason)
		}
	}
}
