// Command otklik is the worker of a regional control centre in one binary.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // zones of the regions on machines and images that have none

	"github.com/alecthomas/kong"

	"github.com/otklik/otklik/classify"
)

// program is what every command gets: its environment instead of globals.
type program struct {
	cfg     Config
	environ []string        // as os.Environ gives it
	ctx     context.Context // ends at the first of endings
	stdin   io.Reader
	stdout  io.Writer
	stderr  io.Writer
	school  *classify.School // what one command learns of the packs' sentences
}

type commands struct {
	Demo      demoCmd      `cmd:"" help:"Показать всю систему на этой машине: частная база, поддельные площадки, встроенная лента."`
	Serve     serveCmd     `cmd:"" help:"Работать: опрос источников, приём событий, сроки, рабочее место в браузере."`
	Migrate   migrateCmd   `cmd:"" help:"Привести схему базы к этой версии программы."`
	Source    sourceCmd    `cmd:"" help:"Источники: добавить, проверить, показать, остановить."`
	Account   accountCmd   `cmd:"" help:"Сообщества и боты, от имени которых отвечают органы: добавить, показать, проверить, удалить."`
	User      userCmd      `cmd:"" help:"Пользователи рабочего места: добавить, показать, сменить пароль, отключить."`
	Rules     rulesCmd     `cmd:"" help:"Правила региона: проверить, показать перечень, ввести в действие, откатить, пробный прогон."`
	Classify  classifyCmd  `cmd:"" help:"Разобрать тексты (JSONL на входе и на выходе), база не нужна."`
	Train     trainCmd     `cmd:"" help:"Обучить модель по размеченной таблице региона."`
	Score     scoreCmd     `cmd:"" help:"Измерить модель на размеченной таблице."`
	Model     modelCmd     `cmd:"" help:"Модели региона: версии, ввести в действие, вернуть прежнюю, пробный прогон."`
	Import    importCmd    `cmd:"" help:"Загрузить выгрузку «Инцидент Менеджмент»: по ней учатся модели региона."`
	Retention retentionCmd `cmd:"" help:"Срок хранения сообщений, которые никому не нужны."`
	Stats     statsCmd     `cmd:"" help:"Счётчики из базы."`
	Fakes     fakesCmd     `cmd:"" help:"Поддельные площадки отдельно, с лентой из файла и журналом."`
	Config    configCmd    `cmd:"" help:"Показать переменные окружения и действующие значения, секреты скрыты."`
	Health    healthCmd    `cmd:"" help:"Спросить работающий serve, жив ли он и готов ли работать (для проверок Docker)."`
}

func main() {
	os.Exit(run(os.Args[1:], &program{environ: os.Environ(), stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, school: classify.NewSchool()}))
}

// run is main with its environment handed in; the configuration and the context are
// its own. Exit codes: 0 done, 1 failed, 2 wrong usage.
func run(args []string, p *program) int {
	var cli commands
	code := -1
	parser, err := kong.New(&cli, kong.Name("otklik"),
		kong.Description("Отклик: работник центра управления регионом. Из сообщений граждан — поручения со сроком."),
		kong.Writers(p.stdout, p.stderr), kong.Exit(func(c int) { code = c }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Help(russianHelp), kong.Vars{"source_kinds": sourceKinds})
	if err != nil {
		fmt.Fprintln(p.stderr, "otklik:", err)
		return 1
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	kctx, err := parser.Parse(args)
	if code >= 0 {
		return code // --help
	}
	if err != nil {
		fmt.Fprintln(p.stderr, "otklik:", russianUsage(err))
		fmt.Fprintln(p.stderr, "Справка:", helpCommand(err))
		return 2
	}
	p.cfg, err = LoadConfig(p.environ)
	if err != nil {
		fmt.Fprintln(p.stderr, "otklik:", russianFault(err))
		return 1
	}
	var stop func()
	p.ctx, stop = signal.NotifyContext(context.Background(), endings()...)
	defer stop()
	err = kctx.Run(p)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errQuiet):
		return 1
	default:
		fmt.Fprintln(p.stderr, "otklik:", russianFault(err))
		return 1
	}
}

// endings are the signals that ask for an orderly end. The end of the terminal is
// one of them, unless nohup has us outlive it.
func endings() []os.Signal {
	all := []os.Signal{syscall.SIGINT, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		all = append(all, syscall.SIGHUP)
	}
	return all
}

// errQuiet ends a command with code 1 when it has already said everything.
var errQuiet = errors.New("already reported")

type configCmd struct{}

// Run implements the command.
func (configCmd) Run(p *program) error {
	for _, line := range p.cfg.Lines() {
		fmt.Fprintln(p.stdout, line)
	}
	p.warn()
	return p.cfg.startFaults(allRoles())
}
