package desk

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // zones of the regions on machines that have none

	"github.com/otklik/otklik/domain"
)

func TestDueChipCountsLocalDays(t *testing.T) {
	zone, err := time.LoadLocation("Asia/Vladivostok")
	if err != nil {
		t.Fatal(err)
	}
	// Last day 03.12.2026 in Khabarovsk.
	c := domain.Case{State: domain.Coordination, Deadline: domain.Deadline{Days: 10, Due: time.Date(2026, 12, 3, 14, 0, 0, 0, time.UTC), Reason: "строка 3 Перечня"}}
	local := func(day, hour, minute int) time.Time { return time.Date(2026, 12, day, hour, minute, 0, 0, zone) }
	for _, tc := range []struct {
		now         time.Time
		text, class string
	}{
		{local(-6, 12, 0), "осталось 9 дн.", dueCalm},
		{local(-1, 23, 59), "осталось 4 дн.", dueCalm},
		{local(0, 0, 0), "3 дня", dueNear},
		{local(1, 12, 0), "2 дня", dueNear},
		{local(2, 0, 0), "завтра, 23:59", dueSoon},
		{local(3, 23, 59), "сегодня, 23:59", dueSoon},
		{local(4, 0, 0), "просрочено на 1 день", dueAlarm},
		{local(8, 9, 0), "просрочено на 5 дней", dueAlarm},
		{local(24, 9, 0), "просрочено на 21 день", dueAlarm},
	} {
		got := dueChip(c, tc.now.UTC(), zone)
		if text := strings.ReplaceAll(got.Text, "\u00a0", " "); text != tc.text || got.Class != tc.class {
			t.Errorf("%s: «%s» %s, want «%s» %s", tc.now, text, got.Class, tc.text, tc.class)
		}
		if got.Hint != "03.12.2026, 23:59 · строка 3 Перечня" {
			t.Errorf("hint %q", got.Hint)
		}
	}
	c.State = domain.Satisfaction
	if got := dueChip(c, local(10, 0, 0), zone); got != (chip{}) {
		t.Errorf("a stopped clock shows %+v", got)
	}
}

func TestEveryStateAndKindHasWords(t *testing.T) {
	for _, s := range []domain.SourceState{domain.SourceNew, domain.SourceActive, domain.SourceUnchanged, domain.SourceEmpty,
		domain.SourceFailing, domain.SourceParked, domain.SourceClosed, domain.SourcePaused} {
		if stateWords(s) == string(s) {
			t.Errorf("state %s has no words", s)
		}
	}
	for _, k := range []domain.SourceKind{domain.VKWall, domain.VKSearch, domain.VKLongPoll, domain.VKCallback,
		domain.TelegramBot, domain.TelegramWebhook, domain.TelegramPreview} {
		if kindWords(k) == string(k) {
			t.Errorf("kind %s has no words", k)
		}
	}
}

func TestPlaceWords(t *testing.T) {
	for want, p := range map[string]domain.Place{
		"Хабаровск, Карла Маркса улица, 120":   {Settlement: "Хабаровск", MunicipalityName: "городской округ", Street: "Карла Маркса улица", House: "120"},
		"Амурский муниципальный район":         {MunicipalityName: "Амурский муниципальный район"},
		"место не названо":                     {},
		"Янтарный муниципальный округ, Речная": {MunicipalityName: "Янтарный муниципальный округ", Street: "Речная"},
	} {
		if got := PlaceWords(p); got != want {
			t.Errorf("%+v: %q, want %q", p, got, want)
		}
	}
}
