package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/rules"
)

type rulesCmd struct {
	Check    rulesCheckCmd    `cmd:"" help:"Проверить пакет: каждая ошибка с файлом, строкой и способом исправления; прогнать предложения."`
	Table    rulesTableCmd    `cmd:"" help:"Перечень региона как CSV: row,category,subcategory,days."`
	Activate rulesActivateCmd `cmd:"" help:"Ввести пакет в действие новой версией."`
	Rollback rulesRollbackCmd `cmd:"" help:"Вернуть предыдущую версию."`
	List     rulesListCmd     `cmd:"" help:"Показать версии пакета в базе."`
	DryRun   rulesDryRunCmd   `cmd:"" help:"Показать, какие сохранённые сообщения получили бы другой вердикт или орган."`
}

// packFiles finds a pack by the name of an embedded one or by its folder. Shared
// topics that lie beside a folder count instead of those that come with the program.
func packFiles(name string) (rules.Files, error) {
	for _, region := range rules.EmbeddedRegions() {
		if region == name {
			return rules.Embedded(name)
		}
	}
	info, err := os.Stat(name)
	if err != nil || !info.IsDir() {
		return nil, fmt.Errorf("пакета «%s» нет: ни среди встроенных (%s), ни папки с таким именем",
			name, strings.Join(rules.EmbeddedRegions(), ", "))
	}
	abs, err := filepath.Abs(name)
	if err != nil {
		return nil, fmt.Errorf("folder of the pack: %w", err)
	}
	shared := rules.SharedTopics()
	if beside := topicsBeside(name); beside != "" {
		shared = os.DirFS(beside)
	}
	return rules.Collect(os.DirFS(abs), filepath.Base(abs), shared)
}

// topicsBeside is the folder of shared topics beside the folder of a pack; "" when
// there is none, or the pack is an embedded one.
func topicsBeside(name string) string {
	abs, err := filepath.Abs(name)
	if err != nil || slices.Contains(rules.EmbeddedRegions(), name) {
		return ""
	}
	beside := filepath.Join(filepath.Dir(abs), "topics")
	for _, pattern := range []string{"*.yaml", "*.yml"} {
		if found, err := filepath.Glob(filepath.Join(beside, pattern)); beside != abs && err == nil && len(found) > 0 {
			return beside
		}
	}
	return ""
}

// printTopics tells whose shared topics a pack in a folder is made of.
func printTopics(p *program, name string) {
	if beside := topicsBeside(name); beside != "" {
		fmt.Fprintf(p.stdout, "%s: общие темы взяты из папки рядом, %s, а не встроенные.\n", name, beside)
	}
}

// checkPack loads a pack and runs every check; the error holds all faults.
func checkPack(files rules.Files, now time.Time) (*rules.Pack, error) {
	pack, err := rules.Load(files)
	if err != nil {
		return nil, err
	}
	return pack, rules.Check(pack, now, classify.Check)
}

// explainFaults prints a pack's faults for a person.
func explainFaults(p *program, err error) error {
	var faults rules.Faults
	if !errors.As(err, &faults) {
		return err
	}
	for _, f := range faults {
		fmt.Fprintln(p.stdout, f)
	}
	fmt.Fprintf(p.stdout, "Ошибок: %d. Пакет не введён в действие.\n", len(faults))
	return errQuiet
}

// printWarnings tells what a person should know of a pack that is in order.
func printWarnings(p *program, pack *rules.Pack, now time.Time) {
	for _, w := range rules.Warnings(pack, now) {
		fmt.Fprintln(p.stdout, "Внимание:", w)
	}
}

type rulesCheckCmd struct {
	Dir []string `arg:"" optional:"" help:"Папка пакета или имя встроенного; без аргумента — все встроенные."`
}

// Run implements the command.
func (c rulesCheckCmd) Run(p *program) error {
	names := c.Dir
	if len(names) == 0 {
		names = rules.EmbeddedRegions()
	}
	failed := false
	codes := regionCodes{}
	for _, name := range names {
		printTopics(p, name)
		files, err := packFiles(name)
		var pack *rules.Pack
		if err == nil {
			pack, err = checkPack(files, time.Now())
		}
		if err != nil {
			if err := explainFaults(p, err); !errors.Is(err, errQuiet) {
				return err
			}
			failed = true
			continue
		}
		if words := codes.add(pack); words != "" {
			fmt.Fprintf(p.stdout, "%s: %s.\n", name, words)
			failed = true
		}
		match, miss := sentenceCount(pack)
		fmt.Fprintf(p.stdout, "%s: строк %d, тем %d, предложений %d «да» и %d «нет», органов %d, муниципалитетов %d, населённых пунктов %d — в порядке (%s)\n",
			pack.Region.Name, len(pack.Categories), len(pack.Topics), match, miss, len(pack.Agencies),
			len(pack.Gazetteer.Municipalities), len(pack.Gazetteer.Settlements), pack.Hash[:12])
		printWarnings(p, pack, time.Now())
	}
	if failed {
		return errQuiet
	}
	return nil
}

func sentenceCount(pack *rules.Pack) (match, miss int) {
	for _, t := range pack.Topics {
		match += len(t.Match)
		miss += len(t.Miss)
	}
	for _, u := range pack.Signals.Urgent {
		match += len(u.Match)
		miss += len(u.Miss)
	}
	return match, miss
}

// pack loads a pack by its name or folder; what is wrong inside it is told line by line.
func (p *program) pack(name string) (*rules.Pack, error) {
	files, err := packFiles(name)
	if err != nil {
		return nil, err
	}
	pack, err := rules.Load(files)
	if err != nil {
		return nil, explainFaults(p, err)
	}
	return pack, nil
}

type rulesTableCmd struct {
	Region string `required:"" help:"Регион: имя встроенного пакета или папка."`
}

// Run implements the command.
func (c rulesTableCmd) Run(p *program) error {
	pack, err := p.pack(c.Region)
	if err != nil {
		return err
	}
	_, err = p.stdout.Write(rules.Table(pack))
	return err
}
