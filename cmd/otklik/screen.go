package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// screen prints the live table of the demonstration. On a terminal it redraws
// in place; elsewhere it appends a block whenever something changed.
type screen struct {
	out  io.Writer
	s    *server
	page string // where one writes as a citizen
	live bool
	last string
}

func newScreen(out io.Writer, s *server, citizen string) *screen {
	f, ok := out.(*os.File)
	live := false
	if ok {
		info, err := f.Stat()
		live = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return &screen{out: out, s: s, page: citizen, live: live}
}

// The screen fits 100 columns; of rows it takes as many as the terminal has.
const (
	screenWidth = 100
	screenCases = 4  // of a region, where there is room
	screenRest  = 21 // rows of all else: the table, what it means, titles, addresses
	caseRows    = 3
)

// show prints the table and returns the totals.
func (sc *screen) show(ctx context.Context) (domain.Stats, error) {
	var lines []regionLine
	var total domain.Stats
	for _, p := range sc.s.follower.Packs() {
		st, err := sc.s.infra.store.Stats(ctx, p.Region.ID)
		if err != nil {
			return total, err
		}
		lines = append(lines, regionLine{p.Region.Name, sc.s.clock.Now().In(p.Region.Location).Format("02.01 15:04"), st})
		total = total.Plus(st)
	}
	var b strings.Builder
	b.WriteString(statsTable(append(lines, regionLine{"всего", "", total})))
	if err := sc.cases(ctx, &b); err != nil {
		return total, err
	}
	b.WriteString("\nРабочее место: http://" + sc.s.addresses.desk + "\n")
	for _, line := range demoLogins() {
		b.WriteString(folded(line, "  "))
	}
	fmt.Fprintf(&b, "Написать как житель: http://%s\n", sc.page)
	sc.print(b.String())
	return total, nil
}

// regionLine is a line of the table.
type regionLine struct {
	name, now string
	stats     domain.Stats
}

// statsTable shows what came in and what became of it, so that a reader can add up.
func statsTable(lines []regionLine) string {
	var b strings.Builder
	const form = "%-23s %-11s %6v %7v %7v %5v %7v %7v %6v %10v\n"
	fmt.Fprintf(&b, "%36s%-23s%s\n", "", "─ сообщений ──────────", "─ инцидентов ───────────────────────────")
	fmt.Fprintf(&b, form, "регион", "время там", "пришло", "проблем", "неясных", "всего", "=у орг.", "+разбор", "+снято", "просрочено")
	for _, l := range lines {
		st := l.stats
		fmt.Fprintf(&b, form, l.name, l.now, st.Posts, st.Problems, st.Undecided, st.Cases, st.InHand(), st.Moderation, st.Dropped, st.Overdue)
	}
	b.WriteString(tableMeaning)
	return b.String()
}

const tableMeaning = `  у орг. — орган исполняет или уже ответил; разбор — ждёт аналитика; снято — закрыто без органа.
  Неясных — проблема ли это, решит аналитик: вся его очередь = разбор + неясных.
  Проблем больше, чем инцидентов: повторы и комментарии об одном идут в один инцидент.
`

// cases lists the newest cases with their reason. «!» is danger to life.
func (sc *screen) cases(ctx context.Context, b *strings.Builder) error {
	regions := sc.s.deskRegions()
	most := casesFor(sc.rows(), len(regions))
	for _, region := range regions {
		list, err := sc.s.infra.store.RecentCases(ctx, region.ID, most)
		if err != nil {
			return err
		}
		if len(list) > 0 {
			fmt.Fprintf(b, "\n%s: последние инциденты («!» — опасно для жизни)\n", region.Name)
		}
		for _, c := range list {
			mark := " "
			if c.Urgent {
				mark = "!"
			}
			body := region.Agency(c.AgencyID)
			if c.AgencyID == "" {
				body = "орган назначит аналитик"
			}
			state := "  [" + domain.StateTitle(c.State) + "]"
			b.WriteString(cut(fmt.Sprintf("%s %s  %s", mark, c.Number, region.Category(c)), screenWidth-len([]rune(state))) + state + "\n")
			due := ", срок " + c.Deadline.Due.Add(-time.Second).In(region.Zone).Format("02.01")
			b.WriteString("    " + cut(page.Place(c.Place)+" → "+body, screenWidth-4-len([]rune(due))) + due + "\n")
			b.WriteString("    " + cut(c.Reason, screenWidth-4) + "\n")
		}
	}
	return nil
}

// casesFor is how many cases of each region there is room for; 0 rows: nobody knows.
func casesFor(rows, regions int) int {
	if rows == 0 {
		return screenCases
	}
	return min(screenCases, max(0, (rows-screenRest)/(caseRows*max(1, regions))))
}

// rows of the terminal, 0 when it is none.
func (sc *screen) rows() int {
	f, ok := sc.out.(*os.File)
	if !ok || !sc.live {
		return 0
	}
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0
	}
	return int(size.Row)
}

// cut shortens a line to so many columns; it never holds a line's end.
func cut(s string, columns int) string {
	r := []rune(strings.ReplaceAll(s, "\n", " "))
	if len(r) <= columns {
		return string(r)
	}
	return string(r[:columns-1]) + "…"
}

// folded breaks a long line between its words; each begins with indent.
func folded(s, indent string) string {
	var b strings.Builder
	line := indent
	for i, word := range strings.Fields(s) {
		if i > 0 && len([]rune(line))+1+len([]rune(word)) > screenWidth {
			b.WriteString(line + "\n")
			line = indent + "  " + word
			continue
		}
		if i > 0 {
			line += " "
		}
		line += word
	}
	return b.String() + line + "\n"
}

func (sc *screen) print(text string) {
	switch {
	case sc.live:
		fmt.Fprint(sc.out, "\x1b[H\x1b[2J", text)
	case text != sc.last:
		fmt.Fprintln(sc.out, text)
	}
	sc.last = text
}

// portFree reports whether an address can be listened on now.
func portFree(ctx context.Context, addr string) bool {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return false
	}
	return l.Close() == nil
}
