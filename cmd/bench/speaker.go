package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/otklik/otklik/demo"
	"github.com/otklik/otklik/rules"
)

// speaker writes texts as people do, out of the project's own sentences: the
// test sentences of the topics are the complaints, the talk of the
// demonstration's feed is what nobody has to answer. Streets, numbers and slips
// of the pen keep two texts from being the same.
type speaker struct {
	rng     *rand.Rand
	topics  [][]string // sentences of a topic that complain of it
	talk    []string
	streets []string
}

func newSpeaker(pack *rules.Pack, feed demo.Feed, rng *rand.Rand) (*speaker, error) {
	s := &speaker{rng: rng, talk: talkOf(feed)}
	for _, t := range pack.Topics {
		if len(t.Match) > 0 && !t.Praise {
			s.topics = append(s.topics, t.Match)
		}
	}
	for _, street := range pack.Gazetteer.Streets {
		s.streets = append(s.streets, street.Name)
	}
	if len(s.topics) == 0 || len(s.talk) == 0 || len(s.streets) == 0 {
		return nil, fmt.Errorf("the pack or the feed has nothing to write posts from: %d topics, %d talk, %d streets",
			len(s.topics), len(s.talk), len(s.streets))
	}
	return s, nil
}

// talkOf are the texts of the feed that should open no case.
func talkOf(feed demo.Feed) []string {
	var out []string
	for _, r := range feed.Records {
		kind, _, _ := strings.Cut(r.Note, " ")
		switch kind {
		case "news", "ad", "joke", "other", "greeting", "thanks", "look-alike":
			if len(r.Text) < 2000 {
				out = append(out, r.Text)
			}
		}
	}
	return out
}

// complaint writes about a topic (an index of topics).
func (s *speaker) complaint(topic, sentences int) string {
	parts := []string{pick(s.rng, openings())}
	said := s.topics[topic]
	at := s.rng.IntN(len(said))
	for i := range sentences {
		parts = append(parts, said[(at+i)%len(said)])
	}
	parts = append(parts, s.detail(), pick(s.rng, closings()))
	return s.write(parts)
}

// chat writes what is nobody's problem.
func (s *speaker) chat(sentences int) string {
	var parts []string
	for range sentences {
		parts = append(parts, pick(s.rng, s.talk))
	}
	return s.write(append(parts, s.moment()))
}

// reaction is what most comments are.
func (s *speaker) reaction() string {
	return s.write([]string{pick(s.rng, reactions()), pick(s.rng, reactions())})
}

func reactions() []string {
	return []string{"Спасибо за информацию.", "Поддерживаю!", "Ну и дела", "А когда это было?", "Красота какая", "Ха-ха, точно подмечено",
		"Кто-нибудь был там вчера?", "Согласна полностью", "Давно пора", "Ждём новостей.", "Где это?", "Молодцы 👍", "Поздравляю всех!",
		"Не верю я в это", "Сколько стоит билет?", "Напишите в личку", "+1", "Вот это да", "Завтра поеду посмотрю", "Хорошего дня"}
}

func openings() []string {
	return []string{"", "", "Здравствуйте!", "Добрый день.", "Уважаемая администрация!", "Люди, подскажите.", "Сколько можно терпеть?"}
}

func closings() []string {
	return []string{"", "", "Примите меры!", "Куда обращаться?", "Ждём ответа.", "Никому дела нет.", "Заранее спасибо."}
}

// detail is where and since when.
func (s *speaker) detail() string {
	street, house := pick(s.rng, s.streets), 1+s.rng.IntN(180)
	switch s.rng.IntN(4) {
	case 0:
		return fmt.Sprintf("Это на улице %s, дом %d.", street, house)
	case 1:
		return fmt.Sprintf("Адрес: ул. %s, д. %d, подъезд %d.", street, house, 1+s.rng.IntN(9))
	case 2:
		return fmt.Sprintf("Так продолжается %d дней, заявка %d.", 2+s.rng.IntN(90), 1000+s.rng.IntN(90000))
	default:
		return fmt.Sprintf("Звонили %s в %s, номер обращения %d.", s.date(), s.clock(), 100+s.rng.IntN(9900))
	}
}

func (s *speaker) moment() string {
	return fmt.Sprintf("%s, %s, тел. 8-4212-%d.", s.date(), s.clock(), 100000+s.rng.IntN(899999))
}

func (s *speaker) date() string { return fmt.Sprintf("%d.%02d", 1+s.rng.IntN(28), 1+s.rng.IntN(12)) }

func (s *speaker) clock() string { return fmt.Sprintf("%d:%02d", s.rng.IntN(24), s.rng.IntN(60)) }

// slip is how many words in a thousand are mistyped.
const slip = 30

// write joins the parts and mistypes some of the words, as people do: it is the
// words seen for the first time that cost a tokeniser most.
func (s *speaker) write(parts []string) string {
	words := strings.Fields(strings.Join(parts, " "))
	for i, w := range words {
		if s.rng.IntN(1000) < slip {
			words[i] = s.mistype(w)
		}
	}
	return strings.Join(words, " ")
}

// mistype doubles, drops or swaps a letter.
func (s *speaker) mistype(word string) string {
	r := []rune(word)
	if len(r) < 4 {
		return word
	}
	i := 1 + s.rng.IntN(len(r)-2)
	switch s.rng.IntN(3) {
	case 0:
		return string(r[:i]) + string(r[i]) + string(r[i:])
	case 1:
		return string(r[:i]) + string(r[i+1:])
	default:
		r[i], r[i+1] = r[i+1], r[i]
		return string(r)
	}
}

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

func itoa(n int) string { return strconv.Itoa(n) }
