package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/user"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/login"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
)

type userCmd struct {
	Add        userAddCmd        `cmd:"" help:"Добавить пользователя; пароль печатается один раз или читается со входа."`
	List       userListCmd       `cmd:"" help:"Показать пользователей."`
	Password   userPasswordCmd   `cmd:"" help:"Выдать новый пароль; сеансы завершаются."`
	Factor     userFactorCmd     `cmd:"" name:"drop-factor" help:"Снять второй фактор (телефон и резервные коды потеряны)."`
	Deactivate userDeactivateCmd `cmd:"" help:"Отключить пользователя; сеансы завершаются."`
	Activate   userActivateCmd   `cmd:"" help:"Включить пользователя снова."`
}

// byCommandLine is who does what commands do.
func byCommandLine() domain.Doer {
	d := domain.Doer{Login: domain.DoerCommandLine, At: time.Now().UTC()}
	if u, err := user.Current(); err == nil {
		d.Address = u.Username + "@"
	}
	return d
}

type userAddCmd struct {
	Region     string   `required:"" help:"Регион."`
	Login      string   `arg:"" help:"Логин: буквы, цифры, точка, дефис."`
	Name       string   `required:"" help:"Имя, как его увидят коллеги."`
	Role       []string `required:"" help:"Роль или роль:орган, через запятую: analyst, controller, administrator, reader — на весь регион; coordinator:ОРГАН, executor:ОРГАН, head:ОРГАН, curator:ОРГАН."`
	Position   string   `help:"Должность."`
	Email      string   `help:"Электронная почта; по ней связывается внешняя служба входа."`
	Restricted bool     `help:"Назван среди тех, кто видит инциденты с ограниченным доступом."`
	Stdin      bool     `help:"Прочитать пароль со входа, а не выдумать."`
}

// Run implements the command.
func (c userAddCmd) Run(p *program) error {
	name, err := domain.ValidLogin(c.Login)
	if err != nil {
		return fmt.Errorf("логин «%s»: от 2 до 64 строчных букв, цифр, точек, дефисов или @, первый знак — буква или цифра", c.Login)
	}
	password, err := firstPassword(p, c.Stdin, name, c.Name)
	if err != nil {
		return err
	}
	return withStore(p, func(ctx context.Context, in *infra, log *slog.Logger) error {
		if _, err := preparePacks(ctx, p.cfg, in.store, nil, time.Now().UTC(), log); err != nil {
			return err
		}
		pack, err := activePack(ctx, in.store, c.Region)
		if err != nil {
			return fmt.Errorf("регион «%s»: %w", c.Region, err)
		}
		offices, err := readOffices(c.Role, pack)
		if err != nil {
			return err
		}
		hash, err := hashOf(ctx, password)
		if err != nil {
			return err
		}
		_, err = in.store.AddUser(ctx, domain.User{Region: c.Region, Login: name, Name: c.Name, Position: c.Position, Email: c.Email,
			Offices: offices, Restricted: c.Restricted, MustChange: true}, hash, byCommandLine())
		if errors.Is(err, storage.ErrExists) {
			return fmt.Errorf("логин «%s» или адрес «%s» уже занят (список: otklik user list)", name, c.Email)
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "Добавлен: %s, %s.\n", name, c.Name)
		sayPassword(p, c.Stdin, password)
		return nil
	})
}

func hashOf(ctx context.Context, password string) (string, error) {
	hasher, err := login.NewHasher(1)
	if err != nil {
		return "", err
	}
	return hasher.Hash(ctx, password)
}

// firstPassword is read or made up.
func firstPassword(p *program, fromStdin bool, account, name string) (string, error) {
	if !fromStdin {
		return login.NewPassword(), nil
	}
	line, err := bufio.NewReader(p.stdin).ReadString('\n')
	if err != nil && line == "" {
		return "", fmt.Errorf("пароль со входа не прочитан: %w", err)
	}
	password := strings.TrimRight(line, "\r\n")
	if why := login.Weak(password, account, name); why != "" {
		return "", errors.New(why)
	}
	return password, nil
}

func sayPassword(p *program, fromStdin bool, password string) {
	if !fromStdin {
		fmt.Fprintf(p.stdout, "Пароль: %s\nОн показан один раз; при первом входе его надо сменить.\n", password)
	}
}

// readOffices reads "head:min-transport" and "analyst" against the pack.
func readOffices(texts []string, pack *rules.Pack) ([]domain.Office, error) {
	tree := pageRegion(pack).Tree
	var out []domain.Office
	for _, text := range texts {
		role, agency, _ := strings.Cut(strings.TrimSpace(text), ":")
		o := domain.Office{Role: domain.Role(role), AgencyID: agency}
		if err := access.CheckOffice(o, tree); err != nil {
			return nil, fmt.Errorf("роль «%s»: %w", text, err)
		}
		out = append(out, o)
	}
	return out, nil
}

type userListCmd struct {
	Region string `help:"Только этот регион."`
	JSON   bool   `help:"JSON вместо таблицы."`
}

// Run implements the command.
func (c userListCmd) Run(p *program) error {
	return withStore(p, func(ctx context.Context, in *infra, log *slog.Logger) error {
		regions := []string{c.Region}
		if c.Region == "" {
			var err error
			if regions, err = preparePacks(ctx, p.cfg, in.store, nil, time.Now().UTC(), log); err != nil {
				return err
			}
		}
		var all []domain.ListedUser
		for _, region := range regions {
			list, err := in.store.Users(ctx, domain.Scope{Region: region, Whole: true})
			if err != nil {
				return err
			}
			all = append(all, list...)
		}
		return c.print(p, all)
	})
}

func (c userListCmd) print(p *program, all []domain.ListedUser) error {
	if c.JSON {
		return printLines(p.stdout, all)
	}
	if len(all) == 0 {
		fmt.Fprintln(p.stdout, "Пользователей нет. Добавить: otklik user add --region РЕГИОН --name «ИМЯ» --role administrator ЛОГИН")
		return nil
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "регион\tлогин\tимя\tроли\tсостояние\tпоследний вход (UTC)")
	for _, u := range all {
		state := "работает"
		switch {
		case !u.Active:
			state = "отключён"
		case u.MustChange:
			state = "ещё не сменил выданный пароль"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", u.Region, u.Login, u.Name, officesText(u.Offices), state, shortTime(u.LastLoginAt))
	}
	return w.Flush()
}

func officesText(offices []domain.Office) string {
	words := make([]string, len(offices))
	for i, o := range offices {
		words[i] = string(o.Role)
		if o.AgencyID != "" {
			words[i] += ":" + o.AgencyID
		}
	}
	return strings.Join(words, ", ")
}

type userPasswordCmd struct {
	Login string `arg:"" help:"Логин."`
	Stdin bool   `help:"Прочитать пароль со входа, а не выдумать."`
}

// Run implements the command.
func (c userPasswordCmd) Run(p *program) error {
	password, err := firstPassword(p, c.Stdin, c.Login, "")
	if err != nil {
		return err
	}
	return withUser(p, c.Login, func(ctx context.Context, in *infra, u domain.Credentials) error {
		hash, err := hashOf(ctx, password)
		if err != nil {
			return err
		}
		if _, err := in.store.SetPassword(ctx, u.Region, u.UserID, hash, true, byCommandLine()); err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "Пароль пользователя %s заменён, его сеансы завершены.\n", u.Login)
		sayPassword(p, c.Stdin, password)
		return nil
	})
}

type userFactorCmd struct {
	Login string `arg:"" help:"Логин."`
}

// Run implements the command.
func (c userFactorCmd) Run(p *program) error {
	return withUser(p, c.Login, func(ctx context.Context, in *infra, u domain.Credentials) error {
		if err := in.store.ClearTOTP(ctx, u.Region, u.UserID, byCommandLine()); err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "Второй фактор пользователя %s снят, его сеансы завершены.\n", u.Login)
		return nil
	})
}

type userDeactivateCmd struct {
	Login string `arg:"" help:"Логин."`
}

// Run implements the command.
func (c userDeactivateCmd) Run(p *program) error {
	return switchUser(p, c.Login, false, "Пользователь %s отключён, его сеансы завершены.\n")
}

type userActivateCmd struct {
	Login string `arg:"" help:"Логин."`
}

// Run implements the command.
func (c userActivateCmd) Run(p *program) error {
	return switchUser(p, c.Login, true, "Пользователь %s снова включён.\n")
}

func switchUser(p *program, name string, active bool, said string) error {
	return withUser(p, name, func(ctx context.Context, in *infra, u domain.Credentials) error {
		err := in.store.SetUserActive(ctx, u.Region, u.UserID, active, byCommandLine())
		if errors.Is(err, domain.ErrLastAdministrator) {
			return fmt.Errorf("%s — последний администратор региона: сначала добавьте другого", u.Login)
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, said, u.Login)
		return nil
	})
}

func withUser(p *program, name string, f func(ctx context.Context, in *infra, u domain.Credentials) error) error {
	return withStore(p, func(ctx context.Context, in *infra, _ *slog.Logger) error {
		clean, _ := domain.ValidLogin(name) // what is none is not found
		u, err := in.store.Credentials(ctx, clean)
		if errors.Is(err, domain.ErrNotFound) {
			return fmt.Errorf("пользователя «%s» нет (список: otklik user list)", name)
		}
		if err != nil {
			return err
		}
		return f(ctx, in, u)
	})
}
