// Chooses light, dark, or what the system has.
import { Icon, type IconName } from '../parts/icons.tsx';
import { chooseTheme, type Theme, themes, useTheme } from './theme.ts';

const looks: Readonly<Record<Theme, { readonly name: string; readonly icon: IconName }>> = {
  system: { name: 'As the system', icon: 'system' },
  light: { name: 'Light', icon: 'sun' },
  dark: { name: 'Dark', icon: 'moon' },
};

export function ThemeSwitch() {
  const chosen = useTheme();
  return (
    <fieldset className="theme-switch">
      <legend className="unseen">Colours</legend>
      {themes.map((theme) => (
        <label key={theme} title={looks[theme].name}>
          <input
            type="radio"
            name="theme"
            className="unseen"
            checked={chosen === theme}
            onChange={() => chooseTheme(theme)}
          />
          <Icon name={looks[theme].icon} size={15} />
          <span className="unseen">{looks[theme].name}</span>
        </label>
      ))}
    </fieldset>
  );
}
