package bots

import (
	"os"
	"strings"
	"testing"

	"github.com/otklik/otklik/domain"
)

// A citizen has written a message: of «инциденты» only bodies speak, and an
// обращение is something else (59-ФЗ).
func TestCitizensHearOfMessages(t *testing.T) {
	texts, err := os.ReadFile("words.go")
	if err != nil {
		t.Fatal(err)
	}
	if lower := strings.ToLower(string(texts)); strings.Contains(lower, "инцидент") {
		t.Error("a text for citizens speaks of an incident")
	}
	for kind, want := range map[domain.ReplyKind]string{
		domain.ReplyFinal:   "Ответ на Ваше сообщение № ИП-ХБ-26-1:\n\nЯму засыпали.",
		domain.ReplyInterim: "О Вашем сообщении № ИП-ХБ-26-1:\n\nЯму засыпали.",
	} {
		if got := AnswerWords().Short(kind, "ИП-ХБ-26-1", "Яму засыпали."); got != want {
			t.Errorf("%s: %q", kind, got)
		}
	}
	long := AnswerWords().Short(domain.ReplyFinal, "1", strings.Repeat("слово ", 500))
	if n := len([]rune(long)); n > shortRunes+60 || !strings.HasSuffix(long, "…") {
		t.Errorf("a long answer makes a short one of %d characters", n)
	}
}
