export const AccountPage = () => <main class="main" id="main" />;
