import { startCopying } from './copy.ts';
import { startSearch } from './list.ts';
import { startMaker } from './maker.ts';
import { startCommands, startImagerLinks } from './writing.ts';

// The page has the same contents without the script.
startSearch();
startCopying();
startImagerLinks();
startCommands();
startMaker();
