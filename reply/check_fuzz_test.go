package reply

import (
	"fmt"
	"strings"
	"testing"

	"github.com/otklik/otklik/domain"
)

// FuzzCheck: no text breaks the check, and what it quotes stands in the text.
func FuzzCheck(f *testing.F) {
	for _, c := range ofLife {
		f.Add(c.text)
	}
	for _, text := range []string{"", "\xff", "ул. Ленина, 5-\xd0", "карта 2202", "12 квартира", "гр. И", "1-1", "кв.", "Иванова А.", "5-12\u00a0мая"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := domain.ReplyToCheck{Text: text, Public: true, Final: true, Authors: []string{tableAuthors, text}, Names: tableNames}
		for _, fault := range Check(r) {
			if fault.Words == "" || !fault.Hard && fault.Part == "" {
				t.Errorf("%q: %+v", text, fault)
			}
		}
	})
}

// BenchmarkCheck shows that a text eight times as long takes about eight times as long,
// whatever it is full of.
func BenchmarkCheck(b *testing.B) {
	for _, unit := range []string{"Работы на улице Ленина завершены, ответит главный инженер. ", "Иванову Петру Петровичу ", "Петрова И. И. ", "ул. Ленина, 5-12, ",
		"вы вам ваш долг ", "12 квартира ", "вы стоите у вас на "} {
		for _, runes := range []int{500, 4000} {
			text := strings.Repeat(unit, runes/len([]rune(unit)))
			b.Run(fmt.Sprintf("%s/%d", strings.Fields(unit)[0], runes), func(b *testing.B) {
				for b.Loop() {
					Check(domain.ReplyToCheck{Text: text, Public: true, Authors: []string{tableAuthors}, Names: tableNames})
				}
			})
		}
	}
}
