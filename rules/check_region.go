package rules

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/otklik/otklik/domain"
)

var (
	subjectCode = regexp.MustCompile(`^\d{2,3}$`)
	regionID    = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)
)

func (c *checker) region() {
	r := &c.p.Region
	for key, value := range map[string]string{"id": r.ID, "name": r.Name, "center": r.Center,
		"decree.number": r.Decree.Number, "decree.status": r.Decree.Status, "norms.ordinary_cite": r.Norms.OrdinaryCite} {
		if value == "" {
			c.fault(c.key(key), CodeEmpty, "не заполнено: "+key, "впишите значение")
		}
	}
	if r.ID != "" && !regionID.MatchString(r.ID) {
		c.fault(c.key("id"), CodeBadValue, fmt.Sprintf("имя региона «%s»", r.ID),
			"впишите строчные латинские буквы, цифры и дефис: имя стоит в адресах страниц, командах и метриках")
	}
	if !subjectCode.MatchString(r.Code) {
		c.fault(c.key("code"), CodeBadValue, fmt.Sprintf("код субъекта «%s»", r.Code),
			"впишите две или три цифры: с них начинаются номера инцидентов")
	}
	if r.Location == nil {
		c.fault(c.key("zone"), CodeBadZone, fmt.Sprintf("нет такого часового пояса: «%s»", r.Zone),
			"впишите имя из базы IANA, например Asia/Vladivostok")
	}
	c.operator()
	c.decree()
	c.norms()
	c.thresholds()
	c.channels()
	c.crons()
	c.learning()
}

// operator: named whole or not at all. A pack without it is sound; its dialogs are
// closed (Region.Allows).
func (c *checker) operator() {
	o := &c.p.Region.Operator
	for key, value := range map[string]string{"operator.name": o.Name, "operator.address": o.Address} {
		other := o.Name + o.Address
		switch {
		case value == "" && other != "":
			c.fault(c.key("operator"), CodeEmpty, "не заполнено: "+key+", а согласие на обработку персональных данных называет оператора и его адрес (152-ФЗ ст. 9 ч. 4)",
				"впишите значение или оставьте пустыми name и address: личные сообщения тогда закрыты")
		case value != "" && (strings.TrimSpace(value) != value || len([]rune(value)) < minOperator || len([]rune(value)) > maxOperator || strings.ContainsAny(value, "\n%")):
			c.fault(c.key(key), CodeBadValue, fmt.Sprintf("%s: «%s»", key, domain.Shortened(value, 80)),
				fmt.Sprintf("впишите одной строкой полное наименование и почтовый адрес, от %d до %d знаков", minOperator, maxOperator))
		}
	}
}

// What a consent can hold beside its own words: the least platform takes 4,000 signs.
const (
	minOperator = 5
	maxOperator = 300
)

func (c *checker) decree() {
	d := &c.p.Region.Decree
	c.date(d.Date, c.key("decree.date"))
	c.span(d.ValidFrom, d.ValidTo, c.key("decree.valid_from"), c.key("decree.valid_to"))
	if strings.Count(d.RowCite, "%d") != 1 || strings.Count(d.RowCite, "%") != 1 {
		c.fault(c.key("decree.row_cite"), CodeBadValue, "row_cite должен один раз содержать %d",
			"впишите, например: строка %d Перечня, утв. распоряжением 232-рп")
	}
	for _, s := range d.Scope {
		if s != "open_sources" && s != "epgu" {
			c.fault(c.key("decree.scope"), CodeBadValue, fmt.Sprintf("область действия «%s»", s),
				"допустимы open_sources и epgu")
		}
	}
}

func (c *checker) norms() {
	n := &c.p.Region.Norms
	for key, v := range map[string]int{"norms.ordinary_days": n.OrdinaryDays, "norms.first_reaction_hours": n.FirstReactionHours,
		"norms.clarify_days": n.ClarifyDays, "norms.satisfaction_days": n.SatisfactionDays,
		"norms.send_back_limit": n.SendBackLimit,
		"retention_days":        c.p.Region.RetentionDays, "recheck_days": c.p.Region.RecheckDays} {
		if v <= 0 {
			c.fault(c.key(key), CodeBadValue, fmt.Sprintf("%s: недопустимое значение %d", key, v), "впишите число больше нуля")
		}
	}
	if !slices.Contains(domain.NonWorkingRules(), domain.NonWorking(n.NonWorking)) {
		c.fault(c.key("norms.non_working"), CodeBadValue, fmt.Sprintf("norms.non_working: нет правила «%s»", n.NonWorking),
			"допустимы keep (срок остаётся), previous (предыдущий рабочий день), next (следующий)")
	}
}

func (c *checker) thresholds() {
	t := &c.p.Region.Thresholds
	for key, v := range map[string]float64{"thresholds.assign_confidence": t.AssignConfidence, "thresholds.assign_margin": t.AssignMargin} {
		if v <= 0 || v > 1 {
			c.fault(c.key(key), CodeBadValue, fmt.Sprintf("%s: недопустимое значение %g", key, v), "впишите число больше 0 и не больше 1")
		}
	}
}

// channels: whether a platform is read is said of each, because silence would read
// as «no»; Telegram answers and staff notices need a recorded decision (41-ФЗ, law.md §4).
func (c *checker) channels() {
	for _, platform := range domain.Platforms() {
		c.read(string(platform))
	}
	t := c.p.Region.Channels.Telegram
	if (t.Public || t.Dialog || t.Staff) && (t.Decision == "" || t.Signer == "") {
		c.fault(c.key("channels.telegram"), CodeChannelDecision,
			"ответы или служебные уведомления в Telegram включены без записанного решения (41-ФЗ)",
			"впишите decision (номер и дата документа) и signer (кто подписал) или выключите public, dialog и staff")
	}
}

func (c *checker) read(platform string) {
	at := c.key("channels")
	for _, key := range []string{"channels." + platform, "channels." + platform + ".read"} {
		if !c.written(key) {
			c.fault(at, CodeEmpty, fmt.Sprintf("не заполнено: %s, а без этого площадку не читают", key),
				fmt.Sprintf("впишите в channels: «%s: {read: true, public: false, dialog: false, staff: false}»; read: false — если площадку читать нельзя", platform))
			return
		}
		at = c.key(key)
	}
}

func (c *checker) crons() {
	n := &c.p.Region.Notices
	for key, spec := range map[string]string{"notices.deadlines": n.Deadlines, "notices.digest": n.Digest} {
		if what, mend := cronFault(spec); what != "" {
			c.fault(c.key(key), CodeBadCron, fmt.Sprintf("%s: «%s» — %s", key, spec, what), mend)
		}
	}
}

// leastLearning is the shortest time between two trainings: each reads all examples.
const leastLearning = 24 * time.Hour

func (c *checker) learning() {
	l := &c.p.Region.Learning
	for _, label := range l.Labels {
		if !slices.Contains(LearnedLabels(), label) {
			c.fault(c.key("learning.labels"), CodeBadValue, fmt.Sprintf("learning.labels: «%s» не учат по расписанию", label), "впишите row, kind или оба")
		}
	}
	if l.Cron == "" {
		return
	}
	what, mend := cronFault(l.Cron)
	if what == "" && gapOf(l.Cron) < leastLearning {
		what, mend = "чаще раза в сутки", "каждое обучение читает все примеры: хватит раза в неделю, например «0 3 * * SUN»"
	}
	if what != "" {
		c.fault(c.key("learning.cron"), CodeBadCron, fmt.Sprintf("learning.cron: «%s» — %s", l.Cron, what), mend)
	}
}

// gapOf is the shortest time between the next ticks of a good schedule.
func gapOf(spec string) time.Duration {
	const looked = 50
	schedule, err := cron.ParseStandard(spec)
	if err != nil {
		return 0
	}
	last := schedule.Next(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC))
	gap := time.Duration(math.MaxInt64)
	for range looked {
		next := schedule.Next(last)
		if next.IsZero() {
			return gap
		}
		gap, last = min(gap, next.Sub(last)), next
	}
	return gap
}

// leastGap is the shortest time between two runs: each of them looks through the
// region's open cases.
const leastGap = time.Minute

// cronFault is what is wrong with a schedule, and its mend; empty when it is good.
func cronFault(spec string) (what, mend string) {
	const fields = "пять полей: минута, час, день, месяц, день недели, например «30 8 * * MON-FRI»"
	if strings.Contains(spec, "TZ=") && !strings.Contains(spec, " ") { // the library panics on it
		return "не расписание cron", fields
	}
	schedule, err := cron.ParseStandard(spec)
	if err != nil {
		return "не расписание cron", fields
	}
	if every, ok := schedule.(cron.ConstantDelaySchedule); ok && every.Delay < leastGap {
		return "чаще раза в минуту", "впишите промежуток не меньше минуты, например «*/10 * * * *»"
	}
	// The library looks five years ahead: a leap year is among them.
	if schedule.Next(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return "такого дня не бывает, расписание не сработает никогда", fields
	}
	return "", ""
}

// date checks a day that may be left empty.
func (c *checker) date(s string, at Pos) bool {
	if s == "" {
		return true
	}
	if _, err := domain.ParseDate(s); err != nil {
		c.fault(at, CodeBadDate, fmt.Sprintf("«%s» — не дата", s), "запишите её как ГГГГ-ММ-ДД")
		return false
	}
	return true
}

func (c *checker) span(from, to string, atFrom, atTo Pos) {
	ok := c.date(from, atFrom)
	ok = c.date(to, atTo) && ok
	if ok && from != "" && to != "" && to < from { // the written form sorts as days do
		c.fault(atTo, CodeDateOrder, fmt.Sprintf("valid_to %s раньше valid_from %s", to, from), "исправьте одну из дат")
	}
}
