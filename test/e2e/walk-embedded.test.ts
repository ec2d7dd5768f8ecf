// The walk on the embedded profile: one process, one folder.
import { walk } from './walk.ts';

walk('embedded');
