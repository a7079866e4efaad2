package staff

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/bots"
	"github.com/otklik/otklik/domain"
)

func now() time.Time { return time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC) }

func desk(url string) *Desk {
	return New(Facts{DeskURL: url, Bodies: []domain.Agency{
		{ID: "min-transport", Name: "Министерство транспорта и дорожного хозяйства", Short: "минтранс края"},
		{ID: "khab-housing", Name: "Управление жилищно-коммунального хозяйства города", Short: "управление ЖКХ"},
		{ID: "khab-roads", Name: "Управление дорог города", Short: "управление дорог"},
	}})
}

func message(press, text string) *domain.Post {
	return &domain.Post{Text: text, Private: &domain.Private{Press: press}}
}

func TestWhatAMessageMeans(t *testing.T) {
	asked := func(e domain.StaffExpect, ago time.Duration) *domain.StaffLink {
		return &domain.StaffLink{ID: 1, Expects: e, About: 5, AskedAt: now().Add(-ago)}
	}
	idle := &domain.StaffLink{ID: 1}
	group := message("", "4821-7730-1652")
	group.Private.Group = true
	stopped := message("", "")
	stopped.Private.Event = domain.DialogStopped
	for name, tc := range map[string]struct {
		link *domain.StaffLink
		post *domain.Post
		want domain.StaffAsk
	}{
		"a code":                   {nil, message("", " 4821-7730-1652 "), domain.StaffAsk{Kind: "code", Code: "482177301652"}},
		"a code after its word":    {nil, message("", "Код: 482177301652"), domain.StaffAsk{Kind: "code", Code: "482177301652"}},
		"a deep link":              {nil, message("", "/start@otklik_bot 482177301652"), domain.StaffAsk{Kind: "code", Code: "482177301652"}},
		"a taxpayer's number":      {nil, message("", "482177301652"), domain.StaffAsk{}},
		"a code among words":       {nil, message("", "мой код 4821-7730-1652, вот"), domain.StaffAsk{}},
		"a code in a group":        {nil, group, domain.StaffAsk{}},
		"a citizen":                {nil, message("", "Яма во дворе"), domain.StaffAsk{}},
		"a citizen's button":       {idle, message("yes:2026-11", ""), domain.StaffAsk{}},
		"a citizen's other button": {idle, message("status", ""), domain.StaffAsk{}},
		"no part of a dialog":      {idle, &domain.Post{Text: "x"}, domain.StaffAsk{}},
		"accept":                   {idle, message("s:accept:12", ""), domain.StaffAsk{Kind: "accept", Letter: 12}},
		"accept of a stranger":     {nil, message("s:accept:12", ""), domain.StaffAsk{Kind: "accept", Letter: 12}},
		"back":                     {idle, message("s:back:7", ""), domain.StaffAsk{Kind: "back", Letter: 7}},
		"no letter":                {idle, message("s:accept:", ""), domain.StaffAsk{Kind: "unknown"}},
		"a letter below zero":      {idle, message("s:accept:-1", ""), domain.StaffAsk{Kind: "unknown"}},
		"a letter too many":        {idle, message("s:accept:99999999999999999999", ""), domain.StaffAsk{Kind: "unknown"}},
		"an unknown step":          {idle, message("s:approve:1", ""), domain.StaffAsk{Kind: "unknown"}},
		"a chosen body":            {idle, message("s:body:5:khab-housing", ""), domain.StaffAsk{Kind: "chosen", Case: 5, Body: "khab-housing"}},
		"no body":                  {idle, message("s:body:5:", ""), domain.StaffAsk{Kind: "unknown"}},
		"help":                     {idle, message("", "Уведомления"), domain.StaffAsk{Kind: "help"}},
		"unlink":                   {idle, message("", "/отвязать"), domain.StaffAsk{Kind: "unlink"}},
		"unlink of a citizen":      {nil, message("", "отвязать"), domain.StaffAsk{}},
		"why":                      {asked(domain.StaffExpectReason, time.Minute), message("", "не наше"), domain.StaffAsk{Kind: "reason", Text: "не наше"}},
		"why, much later":          {asked(domain.StaffExpectReason, time.Hour), message("", "не наше"), domain.StaffAsk{}},
		"to whom":                  {asked(domain.StaffExpectBody, time.Minute), message("", "минтранс"), domain.StaffAsk{Kind: "body", Text: "минтранс"}},
		"a picture":                {asked(domain.StaffExpectReason, time.Minute), message("", ""), domain.StaffAsk{}},
		"cancel":                   {asked(domain.StaffExpectBody, time.Minute), message("", "Отмена"), domain.StaffAsk{Kind: "cancel"}},
		"cancel of nothing":        {idle, message("", "отмена"), domain.StaffAsk{}},
		"blocked":                  {idle, stopped, domain.StaffAsk{Kind: "stopped"}},
		"blocked by a citizen":     {nil, stopped, domain.StaffAsk{}},
	} {
		if got := desk("").Read(now(), tc.link, tc.post); got != tc.want {
			t.Errorf("%s: %+v, want %+v", name, got, tc.want)
		}
	}
}

func TestBodiesGoByTheirNames(t *testing.T) {
	for said, want := range map[string]string{
		"Минтранс края": "min-transport", "«управление дорог»": "khab-roads", "жилищно-коммунального": "khab-housing",
		"дорог": "khab-roads", "управление": "khab-housing khab-roads", "дорожн": "min-transport", "мэрия": "", "ЖКХ": "", "": "",
	} {
		var got []string
		for _, a := range desk("").Bodies(said) {
			got = append(got, a.ID)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v, want %s", said, got, want)
		}
	}
}

func notice(kind domain.NoticeKind, n int, text string) domain.StaffNotice {
	return domain.StaffNotice{Number: fmt.Sprintf("27-2026-%06d", n),
		Notice: domain.Notice{Kind: kind, CaseID: int64(n), ToRole: "coordinator", ToAgency: "khab-housing", Text: text}}
}

func TestALetterOfOneNotice(t *testing.T) {
	d := desk("https://desk.example.ru/")
	l := d.Letter([]domain.StaffNotice{notice(domain.NoticeAssigned, 5, "Новое поручение: ямы. Ответить до 03.12.2026.")}, 77, []domain.Step{domain.StepAccept, domain.StepSendBack})
	want := "Инцидент 27-2026-000005. Новое поручение: ямы. Ответить до 03.12.2026."
	if l.Subject != "Новое поручение: 27-2026-000005" || l.Word.Text != want {
		t.Errorf("%q, %q", l.Subject, l.Word.Text)
	}
	if got := fmt.Sprint(l.Word.Buttons); got != "[[{Принять s:accept:77 } {Вернуть s:back:77 }] [{Открыть  https://desk.example.ru/inbox/task/5}]]" {
		t.Error(got)
	}
	if !strings.Contains(l.Mail, want) || !strings.Contains(l.Mail, "Открыть: https://desk.example.ru/inbox/task/5") || strings.Contains(l.Mail, "Принять") {
		t.Errorf("mail: %q", l.Mail)
	}
	n := notice(domain.NoticeDue1, 5, "Инцидент 27-2026-000005: остались сутки.")
	n.Instead = "Анна Иванова"
	if l := d.Letter([]domain.StaffNotice{n}, 1, nil); l.Word.Text != "За Анна Иванова: Срок через сутки. Инцидент 27-2026-000005: остались сутки." {
		t.Errorf("%q", l.Word.Text)
	}
}

// Where the desk has an address that platforms refuse on a button, it is a line.
func TestTheWayToTheDesk(t *testing.T) {
	for url, want := range map[string]string{"": "", "http://10.0.0.5": "line", "https://desk": "line", "https://desk.region.ru": "button"} {
		l := desk(url).Letter([]domain.StaffNotice{notice(domain.NoticeDue1, 5, "Срок.")}, 1, nil)
		got := ""
		switch {
		case len(l.Word.Buttons) > 0:
			got = "button"
		case strings.Contains(l.Word.Text, "Открыть: "):
			got = "line"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", url, got, want)
		}
	}
	n := notice(domain.NoticeUrgent, 5, "СРОЧНО: возможна угроза.")
	n.Notice.ToRole, n.Notice.ToAgency = domain.RoleDuty, ""
	if l := desk("https://desk.region.ru").Letter([]domain.StaffNotice{n}, 1, nil); l.Word.Buttons[0][0].URL != "https://desk.region.ru/case/5" {
		t.Errorf("an analyst is led to %v", l.Word.Buttons)
	}
}

func TestADigestFitsIntoOneMessage(t *testing.T) {
	var list []domain.StaffNotice
	for i := range 60 {
		n := notice(domain.NoticeOverdue, i, strings.Repeat("Очень длинные слова ", 30))
		n.Held = true
		list = append(list, n)
	}
	l := desk("https://desk.region.ru").Letter(list, 1, nil)
	shown := strings.Count(l.Word.Text, "\n• ")
	if n := len([]rune(l.Word.Text)); n > domain.AnswerLimit(domain.MAX) || shown == 0 || !strings.Contains(l.Word.Text, fmt.Sprintf("ещё %d", 60-shown)) {
		t.Errorf("%d characters, %d shown: %s", n, shown, l.Word.Text[len(l.Word.Text)-100:])
	}
	if l.Subject != "Сводка: 60" {
		t.Error(l.Subject)
	}
	for i := range list {
		list[i].Notice.Text = strings.Repeat("я", 9000)
		if one := desk("").Letter(list[i:i+1], 1, nil); len([]rune(one.Word.Text)) > domain.AnswerLimit(domain.MAX) {
			t.Fatal("one notice does not fit")
		}
	}
}

// Every outcome is either silent on purpose or has words, every kind a title, and
// no verb of a format is left over.
func TestEveryOutcomeHasWords(t *testing.T) {
	silent := map[domain.StaffOutcome]bool{domain.StaffTooMany: true, domain.StaffBlocked: true, domain.StaffSilent: true}
	odd := regexp.MustCompile(`%!?[a-z(]|\(MISSING|EXTRA`)
	for _, o := range []domain.StaffOutcome{domain.StaffLinked, domain.StaffWrongCode, domain.StaffTooMany, domain.StaffNotLinked, domain.StaffAccepted,
		domain.StaffReasonAsked, domain.StaffBodyAsked, domain.StaffBodyUnknown, domain.StaffBodyMany, domain.StaffSentBack, domain.StaffRefused,
		domain.StaffStale, domain.StaffGone, domain.StaffOldButton, domain.StaffCancelled, domain.StaffHelped, domain.StaffUnlinked,
		domain.StaffBlocked, domain.StaffTooFast, domain.StaffSilent} {
		words := desk("https://desk.region.ru").Say(now(), domain.StaffResult{Outcome: o, Name: "Анна", CaseID: 5, Number: "27-1", Due: now(), State: domain.Execution,
			Who: "Анна", At: now(), Words: "Нельзя.", Body: "минтранс", Bodies: desk("").Bodies("управление")})
		if (len(words) == 0) != silent[o] {
			t.Errorf("%s: %q", o, words)
		}
		for _, w := range words {
			if odd.MatchString(w.Text) || w.Text == "" {
				t.Errorf("%s: %q", o, w.Text)
			}
			for _, row := range w.Buttons {
				for _, b := range row {
					if len([]rune(b.Label)) > bots.MaxLabel || len(b.Press) > maxPress || (b.Press == "") == (b.URL == "") {
						t.Errorf("%s: button %+v", o, b)
					}
				}
			}
		}
	}
	for _, kind := range []domain.NoticeKind{domain.NoticeUrgent, domain.NoticeAssigned, domain.NoticeControl, domain.NoticeDue3, domain.NoticeDue1,
		domain.NoticeOverdue, domain.NoticeEscalation, domain.NoticeDigest, domain.NoticeUnassigned, domain.NoticeSendFailed, domain.NoticeFate,
		domain.NoticeAnswered, domain.NoticeSilent, domain.NoticeObjected, domain.NoticeLapsed, domain.NoticeDeferral, domain.NoticeAbsence, domain.NoticeReminder,
		domain.NoticeApproval, domain.NoticeRework, domain.NoticeSentBack, domain.NoticePartition} {
		if KindTitle(kind) == KindTitle("anything") {
			t.Errorf("%s has no title", kind)
		}
	}
}
