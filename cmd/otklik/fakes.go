package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/otklik/otklik/demo"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/ledger"
	"github.com/otklik/otklik/rules"
)

type fakesCmd struct {
	Feed     string `required:"" help:"Лента: CSV со столбцом text (и необязательными id, source, at — дата или время, без пояса оно местное; UTF-8, Windows-1251 или UTF-16, через запятую, точку с запятой или табуляцию) или JSONL с теми же полями; «-» — со стандартного ввода."`
	Ledger   string `required:"" help:"Журнал: что отдано и какие ответы получены, JSONL."`
	VK       string `name:"vk" default:"127.0.0.1:0" help:"Адрес поддельного VK."`
	Telegram string `default:"127.0.0.1:0" help:"Адрес поддельного Telegram: Bot API и страницы /s/."`
	MAX      string `name:"max" default:"127.0.0.1:0" help:"Адрес поддельного MAX."`
	Citizen  string `default:"127.0.0.1:0" help:"Адрес страницы, на которой пишут как житель."`
	Region   string `default:"khabarovsk" help:"Регион, для которого печатаются источники."`
}

// Run implements the command.
func (c fakesCmd) Run(p *program) error {
	feed, err := c.feed(p)
	if err != nil {
		return err
	}
	out, err := os.Create(c.Ledger)
	if err != nil {
		return fmt.Errorf("create ledger: %w", err)
	}
	defer func() { _ = out.Close() }() // every line was written at once
	clock := demo.RealTime()
	book := ledger.New(out, clock.Now)
	fakes, err := demo.StartFakes(p.ctx, feed, clock, book, demo.Listen{VK: c.VK, Telegram: c.Telegram, MAX: c.MAX})
	if err != nil {
		return err
	}
	defer fakes.Close()
	page, closePage, err := c.page(p, &feed, fakes)
	if err != nil {
		return err
	}
	defer closePage()
	c.print(p.stdout, &feed, fakes, clock.Now())
	fmt.Fprintf(p.stdout, "# написать как житель: http://%s\n", page)

	zones := map[string]*time.Location{c.Region: time.UTC}
	player := demo.NewPlayer(feed, fakes, zones, clock.Now(), clock, slog.New(slog.DiscardHandler))
	if err := player.Run(p.ctx); err != nil {
		return err
	}
	fmt.Fprintf(p.stderr, "лента отдана площадкам: %d; работают до Ctrl-C\n", feed.Fed())
	<-p.ctx.Done()
	return book.Err()
}

func (c fakesCmd) feed(p *program) (demo.Feed, error) {
	in := p.stdin
	if c.Feed != "-" {
		f, err := os.Open(c.Feed)
		if err != nil {
			return demo.Feed{}, fmt.Errorf("open feed: %w", err)
		}
		defer func() { _ = f.Close() }() // only read
		in = f
	}
	if !slices.Contains(rules.EmbeddedRegions(), c.Region) {
		return demo.Feed{}, fmt.Errorf("--region: нет встроенного пакета «%s»", c.Region)
	}
	pack, err := rules.LoadEmbedded(c.Region)
	if err != nil {
		return demo.Feed{}, err
	}
	records, err := demo.Read(io.LimitReader(in, 4<<30), pack.Region.Location)
	if err != nil {
		return demo.Feed{}, fmt.Errorf("лента %s: %w", c.Feed, err)
	}
	return demo.Plain(records, c.Region, time.Now()), nil
}

// print shows what to paste: the variables, and the lines that add the sources.
func (c fakesCmd) print(w io.Writer, feed *demo.Feed, fakes *demo.Fakes, now time.Time) {
	fmt.Fprintf(w, "export OTKLIK_VK_URL=%s\n", fakes.VKURL)
	fmt.Fprintf(w, "export OTKLIK_VK_TOKENS=%s\n", strings.Join(fakes.VKTokens, ","))
	fmt.Fprintf(w, "export OTKLIK_VK_COMMUNITIES=%s\n", strings.Join(fakes.VKOwn, ","))
	fmt.Fprintf(w, "export OTKLIK_TELEGRAM_URL=%s\n", fakes.TelegramURL)
	fmt.Fprintf(w, "export OTKLIK_TELEGRAM_PREVIEW_URL=%s\n", fakes.PreviewURL)
	fmt.Fprintf(w, "export OTKLIK_TELEGRAM_TOKEN=%s\n", fakes.BotToken[c.Region])
	fmt.Fprintf(w, "export OTKLIK_MAX_URL=%s\n", fakes.MAXURL)
	fmt.Fprintf(w, "export OTKLIK_MAX_TOKEN=%s\n", strings.Join(fakes.MAXTokens(c.Region), ","))
	days := 1 + int(now.Sub(feed.Oldest(now)).Hours()/24)
	for _, s := range feed.SourcesOf(fakes, days) {
		fmt.Fprintf(w, "otklik source add --region %s --title %s --settings %s -- %s %s\n",
			s.Region, quote(s.Title), quote(string(s.Settings)), s.Kind, quote(s.Address))
	}
}

// quote makes one shell word.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

var _ domain.Clock = (*demo.Clock)(nil)
