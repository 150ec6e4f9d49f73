export const WatchPage = () => <main class="main" id="main" />;
