package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/otklik/otklik/desk/login"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/reply"
	"github.com/otklik/otklik/storage"
)

type accountCmd struct {
	Add    accountAddCmd    `cmd:"" help:"Добавить сообщество или бота, от имени которого отвечают; токен читается со входа и сначала проверяется."`
	List   accountListCmd   `cmd:"" help:"Показать аккаунты; токены не показываются."`
	Check  accountCheckCmd  `cmd:"" help:"Проверить токен аккаунта на площадке; заодно перешифровать его новейшим ключом."`
	Remove accountRemoveCmd `cmd:"" help:"Удалить аккаунт вместе с токеном."`
	Resume accountResumeCmd `cmd:"" help:"Снять с аккаунта паузу раньше времени (например, когда человек прошёл проверку VK)."`
}

type accountAddCmd struct {
	Region   string   `required:"" help:"Регион."`
	Platform string   `arg:"" enum:"vk,max,telegram" help:"Площадка: ${enum}."`
	Address  string   `arg:"" help:"Номер сообщества VK без знака или номер бота."`
	Body     []string `help:"Органы, которым можно отвечать от его имени, id через запятую."`
	Whole    bool     `help:"Аккаунт региона: за все органы, у которых нет своего."`
	Title    string   `help:"Название; без него — как назвала площадка."`
}

// Run implements the command.
func (c accountAddCmd) Run(p *program) error {
	if len(c.Body) == 0 && !c.Whole {
		return errors.New("назовите органы (--body) или весь регион (--whole): кто-то должен от имени аккаунта отвечать")
	}
	token, err := tokenFrom(p)
	if err != nil {
		return err
	}
	return withStore(p, func(ctx context.Context, in *infra, log *slog.Logger) error {
		seal, err := visitingSeal(p.cfg, visited(ctx, p.cfg))
		if err != nil {
			return err
		}
		if _, err := preparePacks(ctx, p.cfg, in.store, nil, time.Now().UTC(), log); err != nil {
			return err
		}
		pack, err := activePack(ctx, in.store, c.Region)
		if err != nil {
			return fmt.Errorf("регион «%s»: %w", c.Region, err)
		}
		tree := pageRegion(pack).Tree
		for _, body := range c.Body {
			if !tree.Has(body) {
				return fmt.Errorf("--body: в пакете «%s» нет органа «%s»", c.Region, body)
			}
		}
		a := domain.Speaker{Region: c.Region, Platform: domain.Platform(c.Platform), Address: strings.TrimSpace(c.Address), Title: c.Title, Bodies: c.Body, Whole: c.Whole}
		title, err := checkAccount(ctx, p.cfg, in, a, token, log)
		if err != nil {
			return fmt.Errorf("аккаунт не отвечает: %w", plainWords(err))
		}
		if a.Title == "" {
			a.Title = title
		}
		sealed, err := seal.Close([]byte(token), accountSeal(a))
		if err != nil {
			return sealFault(err)
		}
		by := byCommandLine()
		by.Region = c.Region
		id, err := in.store.AddAccount(ctx, storage.NewAccount{Speaker: a, Sealed: sealed, By: by.Login, At: by.At},
			domain.EntryOf(by, "account_added", "account", a.Title, "добавлен аккаунт "+reply.PlatformName(a.Platform)+" "+a.Address))
		if errors.Is(err, domain.ErrExists) {
			return fmt.Errorf("аккаунт %s %s уже есть (список: otklik account list)", c.Platform, a.Address)
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "Аккаунт %d добавлен: %s %s «%s».\n", id, reply.PlatformName(a.Platform), a.Address, a.Title)
		return nil
	})
}

// tokenFrom reads a token from the input: an argument would stay in histories and
// lists of processes.
func tokenFrom(p *program) (string, error) {
	line, err := bufio.NewReader(p.stdin).ReadString('\n')
	token := strings.TrimSpace(line)
	if token == "" {
		return "", errors.Join(errors.New("токен читается со входа: otklik account add … < файл-с-токеном"), ignoreEOF(err))
	}
	return token, nil
}

func ignoreEOF(err error) error {
	if err != nil && err.Error() == "EOF" {
		return nil
	}
	return err
}

// visitingSeal is the seal a command uses: the same key as serve.
func visitingSeal(cfg Config, dir string) (*login.Seal, error) {
	key := cfg.SecretKey
	if key == "" && cfg.DatabaseURL == "" {
		var err error
		if key, err = secretKeyIn(dir, func(string) {}); err != nil {
			return nil, err
		}
	}
	seal, err := login.NewSeal(key)
	if err != nil {
		return nil, fmt.Errorf("OTKLIK_SECRET_KEY: %w", err)
	}
	if !seal.Ready() {
		return nil, sealFault(login.ErrNoKey)
	}
	return seal, nil
}

func sealFault(err error) error {
	switch {
	case errors.Is(err, login.ErrNoKey):
		return errors.New("токены хранятся зашифрованными: задайте OTKLIK_SECRET_KEY (сделать: head -c 32 /dev/urandom | base64)")
	case errors.Is(err, login.ErrWrongSeal):
		return errors.New("токен не расшифровать: ключа, которым он зашифрован, нет в OTKLIK_SECRET_KEY")
	}
	return err
}

// checkAccount asks the platform whether the token lives and is the account's.
func checkAccount(ctx context.Context, cfg Config, in *infra, a domain.Speaker, token string, log *slog.Logger) (title string, err error) {
	pl, err := newPlatforms(cfg, limits{perSecond: in.limiter, perDay: in.store}, log)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, accountWithin)
	defer cancel()
	return pl.checkToken(ctx, a, token)
}

const accountWithin = 30 * time.Second

func (p *platforms) checkToken(ctx context.Context, a domain.Speaker, token string) (string, error) {
	if a.Platform == domain.Telegram {
		bot, err := p.botAs(token)
		if err != nil {
			return "", errors.New("это не токен бота вида 123456789:AA…, каким его выдаёт BotFather")
		}
		if strconv.FormatInt(bot.ID(), 10) != a.Address {
			return "", fmt.Errorf("это токен другого бота, %d", bot.ID())
		}
		me, err := bot.Me(ctx)
		return me.FirstName, err
	}
	if a.Platform == domain.MAX {
		bot, err := p.maxAs(token)
		if err != nil {
			return "", errors.New("это не токен бота MAX")
		}
		me, err := bot.Me(ctx)
		if err == nil && strconv.FormatInt(me.ID, 10) != a.Address {
			err = fmt.Errorf("это токен другого бота, %d", me.ID)
		}
		return me.FirstName, err
	}
	group, err := strconv.ParseInt(a.Address, 10, 64)
	if err != nil || group <= 0 {
		return "", errors.New("номер сообщества VK — число без знака")
	}
	client := p.vkAs(group, token)
	// Anybody may ask for a community's name; its conversations are its own token's.
	if _, err := client.Conversations(ctx, group, 0, 1); err != nil {
		return "", err
	}
	g, err := client.Group(ctx, a.Address)
	return g.Name, err
}

type accountListCmd struct {
	Region string `help:"Только этот регион."`
	JSON   bool   `help:"JSON вместо таблицы."`
}

// Run implements the command.
func (c accountListCmd) Run(p *program) error {
	return withStore(p, func(ctx context.Context, in *infra, _ *slog.Logger) error {
		list, err := in.store.Accounts(ctx, c.Region)
		if err != nil {
			return err
		}
		if c.JSON {
			return printLines(p.stdout, list)
		}
		if len(list) == 0 {
			fmt.Fprintln(p.stdout, "Аккаунтов нет: отвечают сообщества и боты из переменных окружения. Добавить: otklik account add --region РЕГИОН --whole vk НОМЕР < токен")
			return nil
		}
		w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "№\tрегион\tплощадка\tномер\tназвание\tза кого отвечает\tпроверен (UTC)\tподробности")
		for _, a := range list {
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", a.ID, a.Region, reply.PlatformName(a.Platform), a.Address, a.Title, speaksFor(a.Speaker),
				shortTime(a.CheckedAt), accountTrouble(a))
		}
		return w.Flush()
	})
}

func speaksFor(a domain.Speaker) string {
	out := slices.Clone(a.Bodies)
	if a.Whole {
		out = append(out, "весь регион")
	}
	return strings.Join(out, ", ")
}

func accountTrouble(a domain.Account) string {
	switch {
	case a.Broken != "":
		return "не работает: " + a.Broken
	case !a.PausedTo.IsZero():
		return "пауза до " + shortTime(a.PausedTo) + ": " + a.Pause
	}
	return ""
}

type accountCheckCmd struct {
	ID int64 `arg:"" help:"Номер аккаунта."`
}

// Run implements the command.
func (c accountCheckCmd) Run(p *program) error {
	return withStore(p, func(ctx context.Context, in *infra, log *slog.Logger) error {
		seal, err := visitingSeal(p.cfg, visited(ctx, p.cfg))
		if err != nil {
			return err
		}
		found, err := recheck(ctx, p.cfg, in, seal, c.ID, log)
		if found.moved {
			fmt.Fprintln(p.stdout, "Токен перешифрован новейшим ключом.")
		}
		if errors.Is(err, domain.ErrNotFound) {
			return noSuchAccount(c.ID, err)
		}
		if err != nil {
			return fmt.Errorf("аккаунт %d не проверен: %w", c.ID, err)
		}
		if err := in.store.MarkAccount(ctx, c.ID, found.broken, found.title, time.Now().UTC()); err != nil {
			return err
		}
		if found.broken != "" {
			return fmt.Errorf("аккаунт %d не отвечает: %s", c.ID, found.broken)
		}
		fmt.Fprintf(p.stdout, "Аккаунт %d отвечает: «%s».\n", c.ID, found.title)
		return nil
	})
}

type accountRemoveCmd struct {
	Region string `required:"" help:"Регион."`
	ID     int64  `arg:"" help:"Номер аккаунта."`
}

// Run implements the command.
func (c accountRemoveCmd) Run(p *program) error {
	return withStore(p, func(ctx context.Context, in *infra, _ *slog.Logger) error {
		by := byCommandLine()
		by.Region = c.Region
		err := in.store.RemoveAccount(ctx, c.Region, c.ID, by.At, domain.EntryOf(by, "account_removed", "account", strconv.FormatInt(c.ID, 10), "аккаунт удалён вместе с токеном"))
		if err != nil {
			return noSuchAccount(c.ID, err)
		}
		fmt.Fprintf(p.stdout, "Аккаунт %d удалён вместе с токеном. На площадке токен ещё действует: отзовите его там.\n", c.ID)
		return nil
	})
}

type accountResumeCmd struct {
	Platform string `arg:"" enum:"vk,max,telegram" help:"Площадка: ${enum}."`
	Address  string `arg:"" help:"Номер сообщества или бота."`
}

// Run implements the command.
func (c accountResumeCmd) Run(p *program) error {
	return withStore(p, func(ctx context.Context, in *infra, _ *slog.Logger) error {
		err := in.store.ResumeAccount(ctx, domain.Platform(c.Platform), c.Address)
		if errors.Is(err, domain.ErrNotFound) {
			fmt.Fprintln(p.stdout, "Паузы нет: аккаунт и так отвечает.")
			return nil
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(p.stdout, "Пауза снята: отправка продолжится в ближайшие секунды работы serve.")
		return nil
	})
}

func noSuchAccount(id int64, err error) error {
	if errors.Is(err, domain.ErrNotFound) {
		return fmt.Errorf("аккаунта %d нет (список: otklik account list)", id)
	}
	return err
}
