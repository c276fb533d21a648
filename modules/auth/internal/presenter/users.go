package presenter

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/platform/httpserver"
)

// GetProfile shows the caller's account.
func (p *Presenter) GetProfile(c echo.Context, params GetProfileParams) error {
	who, err := actor(c, params.UserId)
	if err != nil {
		return err
	}
	user, err := p.do.ShowProfile(c.Request().Context(), who)
	if err != nil {
		return err
	}
	noStore(c)
	out := ProfileResponse{Success: true, Message: "User profile retrieved successfully", Timestamp: p.timestamp()}
	out.Data.User = fullUser(user)
	return httpserver.JSON(c, http.StatusOK, out)
}

// UpdateProfile changes the caller's account.
func (p *Presenter) UpdateProfile(c echo.Context, params UpdateProfileParams) error {
	who, err := actor(c, params.UserId)
	if err != nil {
		return err
	}
	in, err := decode[UpdateProfileRequest](c)
	if err != nil {
		return err
	}
	user, err := p.do.UpdateProfile(c.Request().Context(), who, domain.ProfileChange{
		FirstName: in.FirstName, LastName: in.LastName, Username: in.Username,
	})
	if err != nil {
		return err
	}
	noStore(c)
	out := UpdateProfileResponse{Success: true, Message: "Profile updated successfully", Timestamp: p.timestamp()}
	out.Data.User = updatedUser(user)
	return httpserver.JSON(c, http.StatusOK, out)
}

// ChangePassword replaces the caller's password and ends all sessions.
func (p *Presenter) ChangePassword(c echo.Context, params ChangePasswordParams) error {
	who, err := actor(c, params.UserId)
	if err != nil {
		return err
	}
	in, err := decode[ChangePasswordRequest](c)
	if err != nil {
		return err
	}
	err = p.do.ChangePassword(c.Request().Context(), who, domain.PasswordChange{
		Current: in.CurrentPassword, New: in.NewPassword, Confirm: in.ConfirmPassword, Locale: httpserver.Language(c.Request()),
	})
	if err != nil {
		return err
	}
	noStore(c)
	out := ChangePasswordResponse{Success: true, Message: "Password changed successfully", Timestamp: p.timestamp()}
	out.Data.PasswordChanged = true
	out.Data.SecurityNotice = "All active sessions have been terminated for security"
	return httpserver.JSON(c, http.StatusOK, out)
}

func registeredUser(u domain.User) RegisteredUser {
	return RegisteredUser{
		Id: u.ID, Email: u.Email, Username: u.Username, FirstName: u.FirstName, LastName: u.LastName,
		FullName: u.FullName(), Status: UserStatus(u.Status), CreatedAt: utc(u.CreatedAt),
	}
}

// loginUser is only made of a user who has just signed in.
func loginUser(u domain.User) LoginUser {
	return LoginUser{
		Id: u.ID, Email: u.Email, Username: u.Username, FirstName: u.FirstName, LastName: u.LastName,
		FullName: u.FullName(), Status: UserStatus(u.Status), LastLogin: utc(*u.LastLogin),
	}
}

func fullUser(u domain.User) User {
	out := User{
		Id: u.ID, Email: u.Email, Username: u.Username, FirstName: u.FirstName, LastName: u.LastName,
		FullName: u.FullName(), Status: UserStatus(u.Status), CreatedAt: utc(u.CreatedAt), UpdatedAt: utc(u.UpdatedAt),
	}
	if u.LastLogin != nil {
		out.LastLogin = new(utc(*u.LastLogin))
	}
	return out
}

func updatedUser(u domain.User) UpdatedUser {
	return UpdatedUser{
		Id: u.ID, Email: u.Email, Username: u.Username, FirstName: u.FirstName, LastName: u.LastName,
		FullName: u.FullName(), Status: UserStatus(u.Status), UpdatedAt: utc(u.UpdatedAt),
	}
}
