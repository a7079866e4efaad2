package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/otklik/otklik/desk/sources"
	"github.com/otklik/otklik/domain"
	maxingest "github.com/otklik/otklik/ingest/max"
	tgingest "github.com/otklik/otklik/ingest/telegram"
	vkingest "github.com/otklik/otklik/ingest/vk"
	"github.com/otklik/otklik/platform/telegram"
	"github.com/otklik/otklik/platform/vk"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
)

type sourceCmd struct {
	Add    sourceAddCmd    `cmd:"" help:"Добавить источник; сначала он действительно опрашивается."`
	Check  sourceCheckCmd  `cmd:"" help:"Опросить источник один раз и сказать, читается ли он."`
	List   sourceListCmd   `cmd:"" help:"Показать источники и их состояние."`
	Pause  sourcePauseCmd  `cmd:"" help:"Остановить источник: его не опрашивают, а присланное им не сохраняется."`
	Resume sourceResumeCmd `cmd:"" help:"Продолжить опрос источника."`
}

// sourceKinds are what a person may add, with what their address is.
const sourceKinds = "vk_wall,vk_search,vk_longpoll,vk_callback,telegram_bot,telegram_webhook,telegram_preview,max_bot,max_webhook"

type sourceAddCmd struct {
	Region   string `required:"" help:"Регион."`
	Kind     string `arg:"" enum:"${source_kinds}" help:"Вид: ${enum}."`
	Address  string `arg:"" help:"Адрес: -123 или короткое имя стены, слова поиска, номер сообщества, номер бота, имя канала; у MAX — номер или имя бота."`
	Title    string `help:"Название; без него — как назвала площадка."`
	Home     string `help:"Муниципалитет по умолчанию (id из пакета)."`
	Settings string `help:"Настройки вида источника, JSON."`
	Force    bool   `help:"Добавить, даже если площадка не дала себя прочитать."`
}

// Run implements the command.
func (c sourceAddCmd) Run(p *program) error {
	src := domain.Source{Region: c.Region, Kind: domain.SourceKind(c.Kind), Address: strings.TrimSpace(c.Address),
		Title: c.Title, Home: c.Home, State: domain.SourceNew}
	if err := cleanAddress(&src); err != nil {
		return err
	}
	if c.Settings != "" {
		src.Settings = json.RawMessage(c.Settings)
		if err := checkSettings(src); err != nil {
			return fmt.Errorf("--settings: %w", err)
		}
	}
	return withStore(p, func(ctx context.Context, in *infra, log *slog.Logger) error {
		if _, err := preparePacks(ctx, p.cfg, in.store, nil, time.Now().UTC(), log); err != nil {
			return err
		}
		if err := packTakes(ctx, in, src); err != nil {
			return err
		}
		if err := numberOfMAX(ctx, p.cfg, in, &src, log); err != nil {
			return err
		}
		if err := oneWay(ctx, in.store, src); err != nil {
			return err
		}
		title, err := checkSource(ctx, p.cfg, in, src, log)
		if err != nil && !c.Force {
			return fmt.Errorf("источник не читается: %w (добавить всё равно: --force)", err)
		}
		if src.Title == "" {
			src.Title = title
		}
		src, err = in.store.AddSource(ctx, src)
		if errors.Is(err, storage.ErrExists) {
			return fmt.Errorf("источник %s %s уже есть (список: otklik source list)", c.Kind, c.Address)
		}
		if err != nil {
			return err
		}
		in.wakeAll(ctx)
		name := src.Address
		if src.Title != "" {
			name += " «" + src.Title + "»"
		}
		fmt.Fprintf(p.stdout, "Источник %d добавлен: %s. %s\n", src.ID, name, sources.FirstPosts(src.Kind))
		return nil
	})
}

// cleanAddress takes what people paste, a link most often, down to the address
// the pullers know.
func cleanAddress(src *domain.Source) (err error) {
	switch src.Kind {
	case domain.VKWall:
		if src.Address, err = vk.WallAddress(src.Address); err != nil {
			return fmt.Errorf("адрес стены — это -123, club123, короткое имя или ссылка на vk.com: %w", err)
		}
	case domain.TelegramPreview:
		if src.Address, err = telegram.ChannelName(src.Address); err != nil {
			return fmt.Errorf("адрес канала — это его имя или ссылка t.me: %w", err)
		}
	}
	return nil
}

// checkSettings refuses settings that the source's puller would not read. No
// --force helps: they would only fail later.
func checkSettings(src domain.Source) error {
	check := vkingest.CheckSettings
	switch src.Kind {
	case domain.TelegramBot, domain.TelegramWebhook, domain.TelegramPreview:
		check = tgingest.CheckSettings
	case domain.MAXBot, domain.MAXWebhook:
		check = maxingest.CheckSettings
	}
	err := check(src)
	var pe *domain.PlatformError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// packTakes refuses sources that the region's pack does not let be read; no --force
// helps, they would only wait.
func packTakes(ctx context.Context, in *infra, src domain.Source) error {
	pack, err := activePack(ctx, in.store, src.Region)
	if errors.Is(err, domain.ErrNotFound) {
		return fmt.Errorf("региона «%s» нет среди OTKLIK_REGIONS", src.Region)
	}
	if err != nil {
		return err
	}
	if why := refusal(pack, src.Kind); why != "" {
		return errors.New(why)
	}
	return knownHome(pack, src)
}

// numberOfMAX turns the name of a bot of MAX, which people know, into its number, by
// which it is found ever after: no --force helps where nobody can tell it.
func numberOfMAX(ctx context.Context, cfg Config, in *infra, src *domain.Source, log *slog.Logger) error {
	if src.Kind != domain.MAXBot && src.Kind != domain.MAXWebhook {
		return nil
	}
	if n, err := strconv.ParseInt(src.Address, 10, 64); err == nil {
		src.Address = strconv.FormatInt(n, 10)
		return nil
	}
	pl, err := newPlatforms(cfg, limits{perSecond: in.limiter, perDay: in.store}, log)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, checkWithin)
	defer cancel()
	bot, err := pl.max.Find(ctx, src.Address)
	if err != nil {
		return fmt.Errorf("источник MAX заводится по номеру бота, а номер бота «%s» узнать не удалось: %w", src.Address, inWords(err))
	}
	src.Address = bot.ID
	return nil
}

// otherWay is how else the updates of the same bot may come. A bot is read one way:
// Telegram answers getUpdates with 409 while a webhook is set, MAX GET /updates with
// 405 while there is a subscription.
func otherWay(kind domain.SourceKind) domain.SourceKind {
	return map[domain.SourceKind]domain.SourceKind{
		domain.TelegramBot: domain.TelegramWebhook, domain.TelegramWebhook: domain.TelegramBot,
		domain.MAXBot: domain.MAXWebhook, domain.MAXWebhook: domain.MAXBot,
	}[kind]
}

// oneWay refuses a bot that is read the other way already: it pushes or is polled,
// and no --force makes it do both.
func oneWay(ctx context.Context, store interface {
	Sources(ctx context.Context, region string) ([]domain.Source, error)
}, added domain.Source) error {
	other := otherWay(added.Kind)
	if other == "" {
		return nil
	}
	list, err := store.Sources(ctx, "")
	if err != nil {
		return fmt.Errorf("read sources: %w", err)
	}
	for _, src := range list {
		if src.Kind == other && src.Address == added.Address && src.State != domain.SourcePaused {
			return fmt.Errorf("бот %s уже читается как %s (источник %d): площадка отдаёт сообщения бота либо опросом, либо вебхуком; сначала остановите тот источник", src.Address, src.Kind, src.ID)
		}
	}
	return nil
}

// packReads tells of a stored source that its pack does not let be read.
func packReads(ctx context.Context, store *storage.Store, src domain.Source) error {
	pack, err := activePack(ctx, store, src.Region)
	if err != nil {
		return err
	}
	if why := refusal(pack, src.Kind); why != "" {
		return errors.New(why)
	}
	return nil
}

// knownHome refuses homes that the region's pack does not know.
func knownHome(pack *rules.Pack, src domain.Source) error {
	known := map[string]bool{"": true}
	for _, m := range pack.Gazetteer.Municipalities {
		known[m.ID] = true
	}
	if !known[src.Home] {
		return fmt.Errorf("--home: в пакете «%s» нет муниципалитета «%s»", src.Region, src.Home)
	}
	var set struct {
		Homes map[string]string `json:"homes"`
	}
	if len(src.Settings) > 0 {
		if err := json.Unmarshal(src.Settings, &set); err != nil {
			return fmt.Errorf("--settings: %w", err)
		}
	}
	for chat, home := range set.Homes {
		if !known[home] {
			return fmt.Errorf("--settings: homes: у чата %s — муниципалитет «%s», такого в пакете «%s» нет", chat, home, src.Region)
		}
	}
	return nil
}

// checkWithin ends a check whose platform hangs.
const checkWithin = 30 * time.Second

// checkSource asks the platform once.
func checkSource(ctx context.Context, cfg Config, in *infra, added domain.Source, log *slog.Logger) (string, error) {
	pl, err := newPlatforms(cfg, limits{perSecond: in.limiter, perDay: in.store}, log)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, checkWithin)
	defer cancel()
	pullers := pl.pullers(in.store, domain.SystemClock{}, newMetrics(), log)
	for pushed, polled := range map[domain.SourceKind]domain.SourceKind{
		domain.TelegramWebhook: domain.TelegramBot, domain.MAXWebhook: domain.MAXBot, domain.VKCallback: domain.VKLongPoll,
	} {
		pullers[pushed] = pullers[polled] // the same token must work
	}
	puller, ok := pullers[added.Kind]
	if !ok {
		return "", fmt.Errorf("вид %s не поддерживается", added.Kind)
	}
	title, err := puller.Check(ctx, added)
	return title, inWords(err)
}

// inWords is what a platform's error means for a person.
func inWords(err error) error {
	var pe *domain.PlatformError
	if errors.As(err, &pe) {
		return fmt.Errorf("%s", pe.Words)
	}
	return err
}

type sourceCheckCmd struct {
	ID int64 `arg:"" help:"Номер источника."`
}

// Run implements the command.
func (c sourceCheckCmd) Run(p *program) error {
	return withStore(p, func(ctx context.Context, in *infra, log *slog.Logger) error {
		src, err := in.store.Source(ctx, c.ID)
		if err != nil {
			return noSuchSource(c.ID, err)
		}
		if err := errors.Join(packReads(ctx, in.store, src), oneWay(ctx, in.store, src)); err != nil {
			return fmt.Errorf("источник %d не читается: %w", c.ID, err)
		}
		title, err := checkSource(ctx, p.cfg, in, src, log)
		if err != nil {
			return fmt.Errorf("источник %d не читается: %w", c.ID, err)
		}
		fmt.Fprintf(p.stdout, "Источник %d читается: «%s».\n", c.ID, title)
		return nil
	})
}

type sourceListCmd struct {
	Region string `help:"Только этот регион."`
	JSON   bool   `help:"JSON вместо таблицы."`
}

// Run implements the command.
func (c sourceListCmd) Run(p *program) error {
	return withStore(p, func(ctx context.Context, in *infra, _ *slog.Logger) error {
		list, err := in.store.Sources(ctx, c.Region)
		if err != nil {
			return err
		}
		if c.JSON {
			return printLines(p.stdout, list)
		}
		if len(list) == 0 {
			fmt.Fprintln(p.stdout, "Источников нет. Добавить: otklik source add --region РЕГИОН ВИД АДРЕС")
			return nil
		}
		w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "№\tрегион\tвид\tадрес\tназвание\tсостояние\tпоследний опрос (UTC)\tподробности")
		for _, s := range list {
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", s.ID, s.Region, s.Kind, s.Address, s.Title, s.State, shortTime(s.LastOKAt), sourceReason(s))
		}
		return w.Flush()
	})
}

func shortTime(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return t.UTC().Format("02.01 15:04:05")
}

type sourcePauseCmd struct {
	ID     int64  `arg:"" help:"Номер источника."`
	Reason string `help:"Почему." default:"остановлен человеком"`
}

// Run implements the command.
func (c sourcePauseCmd) Run(p *program) error {
	return withStore(p, func(ctx context.Context, in *infra, _ *slog.Logger) error {
		if err := in.store.PauseSource(ctx, c.ID, c.Reason); err != nil {
			return noSuchSource(c.ID, err)
		}
		fmt.Fprintf(p.stdout, "Источник %d остановлен: %s.\n", c.ID, c.Reason)
		return nil
	})
}

type sourceResumeCmd struct {
	ID int64 `arg:"" help:"Номер источника."`
}

// Run implements the command.
func (c sourceResumeCmd) Run(p *program) error {
	return withStore(p, func(ctx context.Context, in *infra, _ *slog.Logger) error {
		src, err := in.store.Source(ctx, c.ID)
		if err != nil {
			return noSuchSource(c.ID, err)
		}
		if err := oneWay(ctx, in.store, src); err != nil {
			return err
		}
		if err := in.store.ResumeSource(ctx, c.ID, time.Now().UTC()); err != nil {
			return noSuchSource(c.ID, err)
		}
		in.wakeAll(ctx)
		again := "опрашивается"
		if src.Kind.Pushed() {
			again = "принимает сообщения"
		}
		fmt.Fprintf(p.stdout, "Источник %d снова %s.\n", c.ID, again)
		return nil
	})
}

func noSuchSource(id int64, err error) error {
	if errors.Is(err, domain.ErrNotFound) {
		return fmt.Errorf("источника %d нет (список: otklik source list)", id)
	}
	return err
}

// sourceReason says how a source is doing, the chats that its bot lost first.
func sourceReason(s domain.Source) string {
	var parts []string
	for _, a := range s.Away {
		parts = append(parts, "бота убрали из чата "+a.Name()+" "+shortTime(a.Since))
	}
	return strings.Join(append(parts, s.Reason), "; ")
}
