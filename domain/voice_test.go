package domain

import "testing"

func TestSaysSolvedAndUnsolved(t *testing.T) {
	for text, want := range map[string]string{
		"Спасибо большое, всё сделали!": "solved", "Благодарим за быструю работу": "solved", "Вопрос решён": "solved", "Проблема решена, спасибо": "solved",
		"Спасибо, но вода грязная": "", "Спасибо, ждём": "", "Спасибо за отписку, ничего не изменилось": "unsolved", "Не решено": "unsolved",
		"ничего не сделали": "unsolved", "Яму так и не заделали": "unsolved", "Проблема не решена": "unsolved", "Вопрос не решён": "unsolved",
		"Спасибо, а свет когда?": "", "До сих пор нет воды": "still bad", "Мусор не вывезли": "still bad", "Спасибо, до сих пор чисто": "solved", "Ок": "", "Спасибо, если правда": "", "Спасибо не скажу": "",
		"Решено только на бумаге": "", "решено": "solved",
	} {
		got := ""
		if SaysSolved(text) {
			got = "solved"
		}
		switch {
		case SaysUnsolved(text):
			got += "unsolved"
		case SaysStillBad(text):
			got += "still bad"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestHeard(t *testing.T) {
	for _, c := range []struct {
		heard   Heard
		closes  bool
		solved  string
		closing ClosingReason
		silent  string
	}{
		{Heard{Solved: 1}, true, HeardSolved, AuthorSatisfied, HeardPartly},
		{Heard{Solved: 1, Asked: 2}, false, HeardOthers, AuthorSatisfied, HeardPartly},
		{Heard{Solved: 1, Unread: 1}, false, HeardUnread, "", HeardUnread},
		{Heard{Asked: 3}, false, HeardOthers, AuthorSilent, HeardSilence},
		{Heard{Dialogs: 2, Reached: 1}, true, HeardSolved, AuthorSilent, HeardSilence},
		{Heard{Dialogs: 2}, true, HeardSolved, AuthorUnreachable, HeardNobody},
		{Heard{Dialogs: 2, Public: true}, true, HeardSolved, AuthorSilent, HeardSilence},
		{Heard{Public: true}, true, HeardSolved, AuthorSilent, HeardSilence},
		{Heard{Asked: 1, Unsolved: 1}, false, HeardOthers, "", HeardPressed},
		{Heard{Asked: 1, Solved: 1, Unsolved: 1}, false, HeardOthers, "", HeardPressed},
		{Heard{Dialogs: 1, Solved: 1}, true, HeardSolved, AuthorSatisfied, HeardPartly},
	} {
		closes, why := c.heard.AfterSolved()
		closing, silent := c.heard.AfterSilence()
		if closes != c.closes || why != c.solved || closing != c.closing || silent != c.silent {
			t.Errorf("%+v: %t %s, %q %s", c.heard, closes, why, closing, silent)
		}
		if HeardWords(why) == "" || HeardWords(silent) == "" {
			t.Errorf("%s, %s: no words", why, silent)
		}
	}
}

func TestUnreadIsOneReason(t *testing.T) {
	both := WithUnread(WithUnread("строка исправлена"))
	if !Unread(both) || WithoutUnread(both) != "строка исправлена" || WithoutUnread(WithUnread("")) != "" {
		t.Errorf("%q → %q", both, WithoutUnread(both))
	}
}

func TestWhatSaysNothing(t *testing.T) {
	for text, want := range map[string]bool{"": true, "?": true, "Здравствуйте!": true, "Добрый день, уважаемые": true, "спасибо большое": true, "Хорошо": true, "👍": true,
		"Да": false, "нет": false, "Дом 5": false, "день": false, "Добрый день, дом 5": false, "есть": false, "Есть кто?": true} {
		if got := SaysNothing(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
