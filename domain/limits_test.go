package domain

import (
	"errors"
	"strings"
	"testing"
)

func TestEachPlatformMeasuresAnswersItsOwnWay(t *testing.T) {
	smile := strings.Repeat("🙂", 2048)
	for _, c := range []struct {
		p           Platform
		text        string
		length, max int
	}{
		{VK, smile, 2048, 9000}, {MAX, smile, 2048, 4000}, {Telegram, smile, 4096, 4096}, {"ok", "слово", 5, 0},
	} {
		if n, most := AnswerLength(c.p, c.text), AnswerLimit(c.p); n != c.length || most != c.max {
			t.Errorf("%s: %d of %d, want %d of %d", c.p, n, most, c.length, c.max)
		}
	}
}

func TestLeastLimitIsOfThePlatformThatTakesLeast(t *testing.T) {
	for _, c := range []struct {
		of   []Platform
		p    Platform
		most int
	}{
		{nil, "", 9000}, {[]Platform{"ok"}, "", 9000}, {[]Platform{VK}, VK, 9000},
		{[]Platform{VK, Telegram}, Telegram, 4096}, {[]Platform{MAX, VK, Telegram}, MAX, 4000},
	} {
		if p, most := LeastLimit(c.of); p != c.p || most != c.most {
			t.Errorf("%v: %q %d, want %q %d", c.of, p, most, c.p, c.most)
		}
	}
}

func TestADraftMayBeAsLongAsAnyPlatformTakes(t *testing.T) {
	draft := func(n int) Draft {
		return Draft{Kind: ReplyFinal, Outcome: Solved, Text: strings.Repeat("я", n)}
	}
	if err := draft(LongestAnswer).Check(); err != nil {
		t.Error(err)
	}
	if err := draft(LongestAnswer + 1).Check(); !errors.Is(err, RefuseLongAnswer) {
		t.Error(err)
	}
	if err := CheckQuestion(strings.Repeat("я", QuestionLimit+1)); !errors.Is(err, RefuseLongQuestion) {
		t.Error(err)
	}
}
